import type { RepositoryFiles } from "../spec/repository.ts";
import template from "./fleet-template.json" with { type: "json" };

/** What the image's workflow names. */
export interface TemplateNames {
  /** Folder of the fleet below the Git repository's root; empty when it is the root. */
  readonly folder: string;
  readonly namespace: string;
  /** Registry and path, without tag. */
  readonly image: string;
}

const WORKFLOW = ".github/workflows/base-image.yaml";

/** The image that all agents run: its files by path below the fleet repository's root. They are the same for every fleet. */
export const IMAGE_FILES: RepositoryFiles = new Map(Object.entries(template).filter(([path]) => path !== WORKFLOW));

/** The GitHub workflow that builds and pushes the image, by its path below the Git repository's root. */
export function imageWorkflow({ folder, namespace, image }: TemplateNames): RepositoryFiles {
  const values: Readonly<Record<string, string>> = {
    base: folder === "" ? "base" : `${folder}/base`,
    image,
    registry: image.split("/")[0] ?? image,
    namespace,
  };
  return new Map([[WORKFLOW, template[WORKFLOW].replaceAll(/@@(\w+)@@/g, (_whole, name: string) => values[name] ?? "")]]);
}
