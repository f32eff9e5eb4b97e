import semver from "semver";
import { compareVersions } from "../render/start-guard/version.mjs";
import type { ResolvedImage } from "./image.ts";

/** An image that the registry does not have. */
export interface MissingImage {
  readonly reference: string;
  readonly missing: true;
}

/** Why an image should not be rolled out (`error`), or what could not be told about it (`warning`). */
export interface ImageProblem {
  readonly severity: "error" | "warning";
  readonly code:
    | "IMAGE_NOT_FOUND"
    | "IMAGE_UNLABELLED"
    | "IMAGE_ENGINE_INVALID"
    | "IMAGE_NODE_REFUSED"
    | "IMAGE_OPENCLAW_OLDER";
  readonly message: string;
  readonly next: string;
}

/**
 * Checks an image by its labels before anything rolls out: it exists, its OpenClaw admits its Node, and it is not older than the
 * OpenClaw that last ran on the state. Empty: nothing speaks against it.
 * @param previousVersion OpenClaw's version that the state belongs to, for example `2026.9.2`
 */
export function checkImage(image: ResolvedImage | MissingImage, previousVersion?: string): readonly ImageProblem[] {
  if ("missing" in image) return [notFound(image.reference)];
  return [...engineProblems(image), ...versionProblems(image, previousVersion)];
}

function engineProblems({ engines, node, openclawVersion }: ResolvedImage): ImageProblem[] {
  if (engines === undefined || node === undefined) return [unlabelled("its OpenClaw's engine requirement and its Node version")];
  if (semver.validRange(engines) === null || semver.valid(node) === null) {
    return [
      {
        severity: "error",
        code: "IMAGE_ENGINE_INVALID",
        message: `the image's labels make no sense: engine requirement "${engines}", Node "${node}".`,
        next: "build it from base/Dockerfile of the fleet repository, which writes and checks them",
      },
    ];
  }
  if (semver.satisfies(node, engines)) return [];
  return [
    {
      severity: "error",
      code: "IMAGE_NODE_REFUSED",
      message: `OpenClaw ${openclawVersion ?? "of this image"} needs Node ${engines}, but the image has Node ${node}: its gateway would exit at once.`,
      next: "change OPENCLAW_VERSION or BASE_IMAGE in base/Dockerfile, then build and push",
    },
  ];
}

function versionProblems({ openclawVersion }: ResolvedImage, previous: string | undefined): ImageProblem[] {
  if (previous === undefined) return [];
  if (openclawVersion === undefined) return [unlabelled("its OpenClaw version")];
  if (compareVersions(openclawVersion, previous) >= 0) return [];
  return [
    {
      severity: "error",
      code: "IMAGE_OPENCLAW_OLDER",
      message: `the image has OpenClaw ${openclawVersion}, but ${previous} has run on this state and may have migrated it: the older one cannot read it.`,
      next: `use an image with OpenClaw ${previous} or later, or restore the state from before the upgrade together with this image`,
    },
  ];
}

function notFound(reference: string): ImageProblem {
  return {
    severity: "error",
    code: "IMAGE_NOT_FOUND",
    message: `the registry has no image ${reference}.`,
    next: "check its name and tag, or build and push it with `frota image build`",
  };
}

function unlabelled(what: string): ImageProblem {
  return {
    severity: "warning",
    code: "IMAGE_UNLABELLED",
    message: `the image has no label that tells ${what}.`,
    next: "build it from base/Dockerfile of the fleet repository, which writes the labels",
  };
}
