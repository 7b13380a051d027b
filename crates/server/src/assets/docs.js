"use strict";
// Renders openapi.json. Text only ever enters the page as text, never as markup.

const METHODS = ["get", "post", "delete"];
// In the order in which a newcomer meets them; others follow as they come.
const FIRST = ["/register", "/auth", "/update", "/check-userid"];

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Text with `code` in it.
function prose(text) {
  const parts = (text || "").split("`");
  return parts.map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

function resolve(api, schema) {
  if (schema && schema.$ref) return resolve(api, api.components.schemas[schema.$ref.split("/").pop()]);
  const some = schema && (schema.oneOf || schema.anyOf);
  return some ? resolve(api, some.find((one) => one.type !== "null")) : schema || {};
}

function kind(api, schema) {
  const real = resolve(api, schema);
  if (real.enum) return real.enum.join(" | ");
  const types = [].concat(real.type || "any").filter((type) => type !== "null");
  if (types[0] === "array") return "list of " + kind(api, real.items);
  return types.join(" or ") + (real.format === "byte" ? " (base64)" : "");
}

function members(api, schema, requests) {
  const real = resolve(api, schema);
  if (!real.properties) return null;
  const required = new Set(real.required || []);
  const rows = Object.entries(real.properties).map(([name, member]) => {
    const merged = Object.assign({}, resolve(api, member), member);
    return element("tr", {},
      element("td", {}, element("code", {}, name)),
      element("td", {}, kind(api, member),
        requests && !required.has(name) ? element("span", { className: "optional" }, " optional") : null),
      element("td", {}, ...prose(merged.description)));
  });
  const head = element("tr", {}, ...["member", "type", "what it is"].map((text) => element("th", { scope: "col" }, text)));
  return element("div", { className: "scroll" },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)));
}

function jsonSchema(content) {
  const json = content && content["application/json"];
  return json ? json.schema : null;
}

function curl(path, method, operation) {
  const lines = ["curl -s " + (method === "get" ? "" : "-X " + method.toUpperCase() + " ") + location.origin + path.replace("{id}", "ada")];
  if (operation.security) lines.push('  -H "X-Api-Key: $SELFSAME_API_KEY"');
  let before = "";
  if (operation.requestBody) {
    lines.push("  -H 'Content-Type: application/json'");
    if (path === "/check-userid") {
      lines.push("  -d '{\"UserId\": \"ada\"}'");
    } else {
      before = "base64 < photo.jpg | jq -Rs '{UserId: \"ada\", Image: .}' |\n";
      lines.push("  -d @-");
    }
  }
  return element("pre", {}, element("code", {}, before + lines.join(" \\\n")));
}

function route(api, path, method, operation) {
  const brief = (operation.summary || operation.description || "").split("\n")[0];
  const body = element("div", {});
  if (operation.description && operation.description !== brief) body.append(element("p", {}, ...prose(operation.description)));
  body.append(curl(path, method, operation));
  if (operation.requestBody) {
    body.append(element("h3", {}, "Request"), members(api, jsonSchema(operation.requestBody.content), true) || "");
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    body.append(element("h3", {}, "Answer " + status), element("p", {}, ...prose(answer.description)));
    if (status === "200") body.append(members(api, jsonSchema(answer.content), false) || "");
  }
  return element("details", { id: operation.operationId },
    element("summary", {},
      element("span", { className: "method " + method }, method.toUpperCase()),
      element("span", { className: "path" }, path),
      element("span", { className: "brief" }, ...prose(brief))),
    body);
}

function render(api) {
  const section = document.getElementById("routes");
  const rank = (path) => (FIRST.indexOf(path) + FIRST.length + 1) % (FIRST.length + 1);
  const paths = Object.entries(api.paths).sort(([a], [b]) => rank(a) - rank(b));
  for (const tag of api.tags) {
    section.append(element("h3", {}, tag.name + ": " + tag.description));
    for (const [path, item] of paths) {
      for (const method of METHODS) {
        const operation = item[method];
        if (operation && operation.tags[0] === tag.name) section.append(route(api, path, method, operation));
      }
    }
  }
  document.getElementById("loading").remove();
  const wanted = document.getElementById(location.hash.slice(1));
  if (wanted && wanted.tagName === "DETAILS") wanted.open = true;
}

async function showState() {
  const state = document.getElementById("state");
  try {
    const ready = (await fetch("/health/ready")).ok;
    state.textContent = ready ? "ready." : "still loading its models.";
    state.className = ready ? "good" : "bad";
    if (!ready) setTimeout(showState, 2000);
  } catch {
    state.textContent = "not answering.";
    state.className = "bad";
  }
}

for (const place of document.querySelectorAll(".origin")) place.textContent = location.origin;
showState();
fetch("/openapi.json")
  .then((answer) => answer.json())
  .then(render)
  .catch(() => { document.getElementById("loading").textContent = "openapi.json could not be loaded."; });
