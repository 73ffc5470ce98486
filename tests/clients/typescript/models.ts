// Reads each example in EXAMPLES with openapi-generator's models, and prints it as JSON again, one
// on a line.

import { readFileSync } from "node:fs";
import * as models from "./openapi-generator/models";

type Convert = (value: unknown) => unknown;
const found = models as unknown as Record<string, Convert | undefined>;

/** The model's function; a model without one is an error of the generated code. */
function convert(name: string): Convert {
  const function_ = found[name];
  if (function_ === undefined) throw new Error(`there is no ${name}`);
  return function_;
}

const examples: { schema: string; value: unknown }[] = JSON.parse(readFileSync(process.env.EXAMPLES!, "utf8"));
for (const { schema, value } of examples) {
  const [read, write] = [convert(`${schema}FromJSON`), convert(`${schema}ToJSON`)];
  const both = (one: unknown) => write(read(one));
  console.log(JSON.stringify(Array.isArray(value) ? value.map(both) : both(value)));
}
