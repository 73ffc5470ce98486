// Lambda's Runtime API in Node.js: asks for an event, calls the handler, posts the answer.
//
// aws-lambda-ric does the same with a library in C++ that has to be compiled where it is installed.
// This loop needs no compiler, starts faster and has one connection, which is kept open.

import { Agent, request } from "node:http";
import { handler } from "./report.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, agent, method, path: `/2018-06-01/runtime/${path}` }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

for (;;) {
  const { headers, body } = await call("GET", "invocation/next");
  const id = headers["lambda-runtime-aws-request-id"];
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => deadline - Date.now() };
  try {
    const answer = await handler(JSON.parse(body.toString("utf8")), context);
    await call("POST", `invocation/${id}/response`, JSON.stringify(answer));
  } catch (error) {
    console.error(error);
    const { name: errorType, message: errorMessage } = error;
    await call("POST", `invocation/${id}/error`, JSON.stringify({ errorType, errorMessage }));
  }
}
