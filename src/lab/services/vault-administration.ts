import * as z from "zod";
import { FrotaError } from "../../spec/error.ts";
import type { Fleet } from "../../spec/fleet.ts";
import type { LabLayout } from "../layout.ts";
import { askLab, type LabAnswer, type LabRequest } from "../probe.ts";
import { until } from "../until.ts";
import { noteSetUp, readVaultKeys, saveVaultKeys, vaultTokenFile } from "./vault-files.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";

/** How Vault asks the cluster about service account tokens. */
export interface KubernetesLogin {
  readonly host: string;
  readonly certificateAuthority: string;
  readonly reviewer: string;
}

const sealSchema = z.object({
  initialized: z.boolean(),
  sealed: z.boolean(),
  /** OpenBao's static seal and the like: the server unseals itself. */
  recovery_seal: z.boolean().default(false),
});

/**
 * Seconds that a demand may take: many times what it takes on a quiet machine. Vault told its keys after 1 to 12 s, and one that is not waited for
 * tells them to nobody.
 */
const DEMAND_PATIENCE = 120;

const answerSchema = z.record(z.string(), z.unknown());

/** The administration of the lab's own Vault: first set-up and unsealing. Not for anybody else's Vault. */
export class VaultAdministration {
  readonly #address: string;
  readonly #certificateAuthority: string;
  #token = "";

  constructor(address: string, certificateAuthority: string) {
    this.#address = address;
    this.#certificateAuthority = certificateAuthority;
  }

  /** `{initialized, sealed}`, or undefined while the server does not answer. */
  async sealStatus(): Promise<z.output<typeof sealSchema> | undefined> {
    const answer = await this.#ask("GET", "sys/seal-status").catch(() => undefined);
    return answer?.status === 200 ? sealSchema.parse(answer.body) : undefined;
  }

  /** Whether it runs, was set up once, and is sealed. */
  async isSealed(): Promise<boolean> {
    const status = await this.sealStatus();
    return status?.initialized === true && status.sealed;
  }

  /** Vault answers 200 to a health check only when it is initialized, unsealed and the leader. */
  async #isActive(): Promise<boolean> {
    const answer = await this.#ask("GET", "sys/health").catch(() => undefined);
    return answer?.status === 200;
  }

  /**
   * Initializes the server on its first start, unseals it, and takes the lab's token. Throws LAB_VAULT_KEYS where it was
   * initialized and nobody has kept its keys.
   */
  async open(layout: LabLayout, signal: AbortSignal): Promise<void> {
    const status = await this.sealStatus();
    if (status?.initialized === false) {
      const shares = { secret_shares: 1, secret_threshold: 1 };
      const recovery = { recovery_shares: 1, recovery_threshold: 1 };
      await noteSetUp(layout);
      const made = await this.#demand("PUT", "sys/init", status.recovery_seal ? recovery : shares);
      await saveVaultKeys(layout, JSON.stringify(made));
    }
    const init = await readVaultKeys(layout);
    const [key] = init.keys_base64 ?? [];
    if (key !== undefined) await this.#demand("PUT", "sys/unseal", { key });
    await until(async () => ((await this.#isActive()) ? true : undefined), { signal, seconds: 120, what: "Vault to open" });
    this.#token = init.root_token;
    await writeFileAtomic(vaultTokenFile(layout), `${init.root_token}\n`, { mode: 0o600 });
  }

  /** Mounts and rights as the Fleet's SecretStore needs them. Idempotent. */
  async grantFleet(fleet: Fleet, login: KubernetesLogin): Promise<void> {
    const { mount, path, auth } = fleet.spec.vault;
    const mounts = await this.#list("sys/mounts");
    if (!mounts.includes(`${mount}/`)) {
      await this.#demand("POST", `sys/mounts/${mount}`, { type: "kv", options: { version: "2" } });
    }
    const methods = await this.#list("sys/auth");
    if (!methods.includes(`${auth.mount}/`)) await this.#demand("POST", `sys/auth/${auth.mount}`, { type: "kubernetes" });
    await this.#demand("POST", `auth/${auth.mount}/config`, {
      kubernetes_host: login.host,
      kubernetes_ca_cert: login.certificateAuthority,
      token_reviewer_jwt: login.reviewer,
    });
    const policy = `path "${mount}/data/${path}/*" { capabilities = ["read"] }`;
    await this.#demand("PUT", `sys/policies/acl/${auth.role}`, { policy });
    await this.#demand("POST", `auth/${auth.mount}/role/${auth.role}`, {
      bound_service_account_names: ["vault-auth"],
      bound_service_account_namespaces: [fleet.metadata.namespace],
      audience: "vault",
      token_policies: [auth.role],
      token_ttl: "1h",
    });
  }

  async #list(path: string): Promise<string[]> {
    const answer = await this.#demand("GET", path);
    return Object.keys(answerSchema.parse(answer["data"] ?? answer));
  }

  async #demand(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<Record<string, unknown>> {
    const { status, body: answer } = await this.#ask(method, path, { body, seconds: DEMAND_PATIENCE }).catch((cause: unknown) => {
      throw new FrotaError({ code: "LAB_VAULT", message: `the lab's Vault did not answer ${method} ${path}`, next: "run the command again" }, { cause });
    });
    const parsed = answerSchema.safeParse(answer ?? {});
    if (status < 300 && parsed.success) return parsed.data;
    // The answer to a failed request names what is wrong and holds no secret of the request.
    const reason = JSON.stringify(parsed.data?.["errors"] ?? status);
    throw new FrotaError({ code: "LAB_VAULT", message: `the lab's Vault refused ${method} ${path}: ${reason}`, next: "run the command again" });
  }

  #ask(method: "GET" | "POST" | "PUT", path: string, { body, seconds }: Pick<LabRequest, "body" | "seconds"> = {}): Promise<LabAnswer> {
    return askLab(`${this.#address}/v1/${path}`, {
      method,
      body,
      ...(seconds === undefined ? {} : { seconds }),
      headers: this.#token === "" ? {} : { "X-Vault-Token": this.#token },
      certificateAuthority: this.#certificateAuthority,
    });
  }
}
