import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Where one lab is for both ways: files of the plain way first, because those of the operated way install the controller, and it would
 * put back what `kubectl` applies.
 */
export class PlainFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [
      ...sorted.filter((file) => !isOperated(file)),
      ...sorted.filter(isAdoption),
      ...sorted.filter((file) => isOperated(file) && !isAdoption(file)),
    ];
  }
}

function isOperated({ moduleId }: TestSpecification): boolean {
  return moduleId.includes("/test/lab/operated/");
}

/** Comes first of the operated ones: it looks at the moment in which the controller takes over. */
function isAdoption({ moduleId }: TestSpecification): boolean {
  return moduleId.endsWith("/operated/adoption.test.ts");
}
