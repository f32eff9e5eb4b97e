import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files of the plain way first: those of the operated way install the controller into the lab that all share, and it would put back
 * what `kubectl` applies.
 */
export class PlainFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isOperated = ({ moduleId }: TestSpecification) => moduleId.includes("/test/lab/operated/");
    // Adoption comes first of them: it looks at the moment in which the controller takes over.
    const isAdoption = ({ moduleId }: TestSpecification) => moduleId.endsWith("/operated/adoption.test.ts");
    return [
      ...sorted.filter((file) => !isOperated(file)),
      ...sorted.filter(isAdoption),
      ...sorted.filter((file) => isOperated(file) && !isAdoption(file)),
    ];
  }
}
