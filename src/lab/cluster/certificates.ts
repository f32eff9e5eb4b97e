import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** A certificate of the lab's authority: the file's name, whom it is for, and the names it serves under. */
export interface CertificateRequest {
  readonly file: string;
  /** X.509 subject as openssl writes it, for example `/O=system:masters/CN=admin`. */
  readonly subject: string;
  /** Subject alternative names as openssl writes them: `DNS:localhost`, `IP:10.96.0.1`. */
  readonly names: readonly string[];
}

/** The certificates that one lab needs. */
export function certificateRequests(labAddress: string, nodeName: string): CertificateRequest[] {
  const local = ["DNS:localhost", "IP:127.0.0.1", `IP:${labAddress}`];
  const api = ["", ".default", ".default.svc", ".default.svc.cluster.local"].map((suffix) => `DNS:kubernetes${suffix}`);
  const vault = ["vault.vault", "vault.vault.svc", "vault.vault.svc.cluster.local"].map((name) => `DNS:${name}`);
  return [
    { file: "apiserver", subject: "/CN=kube-apiserver", names: [...api, ...local, "IP:10.96.0.1"] },
    { file: "admin", subject: "/O=system:masters/CN=frota-lab-admin", names: ["DNS:admin"] },
    { file: "controller-manager", subject: "/CN=system:kube-controller-manager", names: ["DNS:controller-manager"] },
    { file: "scheduler", subject: "/CN=system:kube-scheduler", names: ["DNS:scheduler"] },
    { file: "external-secrets", subject: "/O=system:masters/CN=external-secrets", names: ["DNS:external-secrets"] },
    { file: "node", subject: `/O=system:nodes/CN=system:node:${nodeName}`, names: [`DNS:${nodeName}`, ...local] },
    { file: "vault", subject: "/CN=vault", names: [...vault, ...local] },
  ];
}

/** Makes what is missing of the lab's authority, certificates and service account keys, as PEM files readable by root. */
export async function ensureCertificates(folder: string, requests: readonly CertificateRequest[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await ensureFile(join(folder, "sa.key"), (file) => openssl("genrsa", "-out", file, "2048"));
  await ensureFile(join(folder, "sa.pub"), (file) =>
    openssl("rsa", "-in", join(folder, "sa.key"), "-pubout", "-out", file),
  );
  await ensureAuthority(folder);
  await Promise.all(requests.map((request) => ensureCertificate(folder, request)));
}

async function ensureAuthority(folder: string): Promise<void> {
  const key = join(folder, "ca.key");
  await ensureFile(key, (file) => openssl("genrsa", "-out", file, "2048"));
  await ensureFile(join(folder, "ca.crt"), (file) =>
    openssl("req", "-x509", "-key", key, "-out", file, "-subj", "/CN=frota-lab", "-days", "3650"),
  );
}

async function ensureCertificate(folder: string, { file, subject, names }: CertificateRequest): Promise<void> {
  const path = join(folder, file);
  const extensions = `subjectAltName=${names.join(",")}\nextendedKeyUsage=serverAuth,clientAuth\n`;
  await ensureFile(`${path}.key`, (target) => openssl("genrsa", "-out", target, "2048"));
  // The lab's address may have changed since: then the certificate is made again.
  if ((await readFile(`${path}.ext`, "utf8").catch(() => "")) !== extensions) await rm(`${path}.crt`, { force: true });
  await writeFile(`${path}.ext`, extensions);
  await ensureFile(`${path}.crt`, async (target) => {
    await openssl("req", "-new", "-key", `${path}.key`, "-out", `${path}.csr`, "-subj", subject);
    const authority = ["-CA", join(folder, "ca.crt"), "-CAkey", join(folder, "ca.key"), "-CAcreateserial"];
    const serial = ["-CAserial", `${path}.srl`];
    await openssl("x509", "-req", "-in", `${path}.csr`, ...authority, ...serial, "-days", "3650", "-out", target, "-extfile", `${path}.ext`);
  });
}

/** Makes a file under another name first, so that one killed halfway leaves none that looks whole. */
async function ensureFile(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return;
  const temporary = `${path}.${process.pid}.tmp`;
  await make(temporary);
  await rename(temporary, path);
}

async function openssl(...argv: string[]): Promise<void> {
  await execa("openssl", argv);
}

/** Writes a kubeconfig for one of the lab's client certificates. */
export async function writeKubeconfig(file: string, certificates: string, client: string, server: string): Promise<void> {
  const text = `apiVersion: v1
kind: Config
clusters:
  - name: frota-lab
    cluster: { server: "${server}", certificate-authority: "${join(certificates, "ca.crt")}" }
users:
  - name: ${client}
    user:
      client-certificate: "${join(certificates, `${client}.crt`)}"
      client-key: "${join(certificates, `${client}.key`)}"
contexts:
  - name: frota-lab
    context: { cluster: frota-lab, user: ${client}, namespace: bots }
current-context: frota-lab
`;
  await writeFileAtomic(file, text, { mode: 0o600 });
}
