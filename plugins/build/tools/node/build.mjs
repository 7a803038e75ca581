// Makes a component of a plugin in JavaScript: node build.mjs SOURCE WIT WORLD OUT
import { writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const [, , sourcePath, witPath, worldName, out] = process.argv;
// A host gives WASI without a world behind it; of the network it has not even that.
const disableFeatures = ["http", "fetch-event"];
const { component } = await componentize({ sourcePath, witPath, worldName, disableFeatures });
await writeFile(out, component);
