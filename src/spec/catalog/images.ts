import type { CatalogSection } from "./explanation.ts";

export const images: CatalogSection = {
  title: "Images and the registry",
  about: "Of `frota image build`, `image check`, `image digest`; `frota apply` and the controller look into the registry as well.",
  codes: {
    BASE_IMAGE_FAILED: {
      cause: "The lab makes a stand-in for Docker Hub's image out of Debian and Node packages, and that failed: mostly a download or a full disk.",
      remedy: "Read the log that is named, then run the same command again: downloads are kept.",
    },
    BASE_IMAGE_UNAVAILABLE: {
      cause: "The base image of the Dockerfile cannot be pulled from here, and only images `node:...-bookworm` have a stand-in.",
      remedy: "Use a base image `node:22-bookworm` or `node:24-bookworm`, or build where Docker Hub can be reached.",
    },
    BASE_IMAGE_UNNAMED: {
      cause: "The Dockerfile does not begin with a base image that can be read.",
      remedy: "Begin it with `ARG BASE_IMAGE=node:22-bookworm` and `FROM ${BASE_IMAGE}`.",
    },
    BUILD_ARGUMENT_INVALID: {
      cause: "What follows `--build-arg` is not NAME=value.",
      remedy: "`frota image build --tag trial --build-arg BASE_IMAGE=node:24-bookworm`.",
    },
    DOCKERFILE_MISSING: {
      cause: "The fleet repository has no base/Dockerfile.",
      remedy: "Put the Dockerfile of the agents' image there, or name another repository with `--repo DIR`.",
    },
    IMAGE_BUILD_FAILED: {
      cause: "A step of the Dockerfile failed; the message has its last words. Nothing was pushed, no agent is affected.",
      remedy: "Correct the Dockerfile or the build arguments and build again: finished steps are kept. The whole log is in ~/.cache/frota/images/build.log.",
    },
    IMAGE_DIGEST_MISMATCH: {
      cause: "The registry sent other content than its digest says: it is broken, or somebody between it and this machine changes it.",
      remedy: "Do not run this image. Check the registry and any proxy on the way, then try again.",
    },
    IMAGE_ENGINE_INVALID: {
      cause: "The labels of the image, which say which Node its OpenClaw needs and which it has, cannot be understood.",
      remedy: "Build it from base/Dockerfile, which writes and checks them.",
    },
    IMAGE_NODE_REFUSED: {
      cause: "OpenClaw in the image does not admit the image's Node. Its gateway would exit at once, in every agent that takes this image.",
      remedy: "Change `OPENCLAW_VERSION` or `BASE_IMAGE` in base/Dockerfile, build and push. More: docs/guide/node-24.md.",
    },
    IMAGE_NOT_FOUND: {
      cause: "The registry has no image of that name and tag: a slip in the name, nothing pushed yet, or the registry's garbage collection took it.",
      remedy: "`frota image build`, or correct `spec.image` in fleet.yaml or agent.yaml. Agents that run keep running until their node needs to pull again.",
    },
    IMAGE_OPENCLAW_OLDER: {
      cause: "The image's OpenClaw is older than one that has run on an agent's state, and could not read what that one wrote.",
      remedy: "Use an image with that OpenClaw or a later one, or restore the state from before the upgrade together with this image.",
    },
    IMAGE_PUSH_FAILED: {
      cause: "The image is built, and the registry did not take it: credentials, quota, or the network.",
      remedy: "`docker login` to the registry, check its free space, then run the same command again: it only pushes.",
    },
    IMAGE_REFERENCE_INVALID: {
      cause: "The text is not a reference to an image.",
      remedy: "Write it as `registry.example.com/path/image:tag`, or with `@sha256:` and the digest.",
    },
    IMAGE_UNLABELLED: {
      cause: "The image does not say which OpenClaw or Node it has, so that nothing can be checked before it runs: it was not built from base/Dockerfile.",
      remedy: "Build it from base/Dockerfile, which writes the labels.",
    },
    PROGRAM_MISSING: {
      cause: "Building an image needs a program that is not on this machine.",
      remedy: "Install the package that is named, or push to main and let the workflow build.",
    },
    PUSH_UNNAMED: {
      cause: "No lab runs to whose registry the image would go. Or `FROTA_CONTEXT` names a cluster that is not the lab; its image is built where the fleet repository's workflow says, and not pushed from a laptop by accident.",
      remedy: "`frota start` on Linux as root, or push to main. Or, on purpose: `frota image build --push registry.digitalocean.com/digitalsys/openclaw-agent --tag trial`.",
    },
    REGISTRY_FAILED: {
      cause: "The registry answered with an error of its own.",
      remedy: "Try again; if it stays, look at the registry's status page. Agents that run do not need it.",
    },
    REGISTRY_UNAUTHORIZED: {
      cause: "The registry does not let these credentials, or nobody without any, read the repository.",
      remedy: "From here: `docker login registry.digitalocean.com`. In the cluster: the pull secret has expired or lacks this registry; `frota doctor` says how to make it.",
    },
    REGISTRY_UNREACHABLE: {
      cause: "The registry does not answer.",
      remedy: "Check the network between this machine and the registry, and the registry's status page. Agents that run do not need it; a restart does.",
    },
    ROOT_NEEDED: {
      cause: "Building makes namespaces and file systems, which needs Linux and root.",
      remedy: "Build as root on Linux, or push to main and let the workflow build.",
    },
  },
};
