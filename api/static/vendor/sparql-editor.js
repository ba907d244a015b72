// Ours, not vendored: starts YASGUI on the page of /sparql. Nothing is asked of any other server.
"use strict";

const known = JSON.parse(document.getElementById("known").textContent);
const element = (id) => document.getElementById(id);

// By default these would ask prefix.cc and Linked Open Vocabularies.
Yasgui.Yasqe.defaults.autocompleters = ["variables"];
Yasgui.Yasqe.defaults.collapsePrefixesOnLoad = false;
Yasgui.Yasr.defaults.prefixes = known.prefixes;

const yasgui = new Yasgui(element("editor"), {
  requestConfig: { endpoint: location.href.split(/[?#]/)[0], method: "POST" },
  copyEndpointOnNewTab: true,
  persistenceId: null,
  autofocus: true,
  yasqe: { value: element("query").value },
});
window.yasgui = yasgui;
element("plain").hidden = true;
element("tools").hidden = false;
yasgui.getTab().setQuery(element("query").value);

for (const [index, example] of known.examples.entries()) {
  element("examples").add(new Option(example.question, index));
}
element("examples").addEventListener("change", (event) => {
  const example = known.examples[event.target.value];
  if (example) yasgui.getTab().setQuery(example.query);
});

// Where the server says that the text stops making sense, the cursor goes.
const fault = (problem) => {
  const place = problem.value && problem.value.line ? problem.value : null;
  const where = place ? `Line ${place.line}, column ${place.column}: ` : "";
  element("fault").textContent = where + problem.detail + "\n" + (problem.hint || "");
  element("fault").hidden = false;
  const yasqe = yasgui.getTab().getYasqe();
  if (place && yasqe) yasqe.setCursor({ line: place.line - 1, ch: place.column - 1 });
};
const ask = (words) =>
  fetch(location.pathname, { method: "POST", body: new URLSearchParams(words) });
const asked = async (yasqe) => {
  element("fault").hidden = true;
  element("explanation").hidden = true;
  return ask({ query: yasqe.getValue(), explain: "true", format: "text" });
};
const listen = (tab) =>
  tab.getYasqe().on("queryResponse", (_, response) => {
    element("fault").hidden = true;
    if (!(response instanceof Error)) return;
    try {
      fault(JSON.parse(response.message));
    } catch {
      // what is no problem document is shown by YASGUI itself
    }
  });
listen(yasgui.getTab());
yasgui.on("tabAdd", (_, id) => setTimeout(() => listen(yasgui.getTab(id))));
element("explain").addEventListener("click", async () => {
  const response = await asked(yasgui.getTab().getYasqe());
  if (!response.ok) return fault(await response.json());
  element("explanation").textContent = await response.text();
  element("explanation").hidden = false;
});
