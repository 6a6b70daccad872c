"use strict";
// The rows of a condition: only comparisons that fit a field, only the inputs that a comparison
// needs, and rows that come and go without asking the server. Without it the form works as it is.
{
  const WITHOUT_VALUE = ["empty", "changed"];

  function fitRow(row, name) {
    const field = row.querySelector("[data-field]");
    const operator = row.querySelector("[data-operator]");
    const value = row.querySelector("[data-value]");
    const kind = field.selectedOptions[0].dataset.kind;
    for (const option of operator.options) {
      const fits = !kind || option.dataset.kinds.split(" ").includes(kind);
      option.hidden = !fits;
      option.disabled = !fits;
    }
    if (operator.selectedOptions[0].disabled) {
      operator.value = [...operator.options].find((option) => !option.disabled).value;
    }
    const needsValue = !WITHOUT_VALUE.includes(operator.value);
    value.classList.toggle("hidden", !needsValue);
    row.querySelector("[data-upper]").classList.toggle("hidden", operator.value !== "range");
    value.setAttribute("list", `${name}-choices-${field.value}`);
  }

  function numberRows(box) {
    const rows = box.querySelectorAll("[data-row]");
    rows.forEach((row, index) => {
      for (const input of row.querySelectorAll("[name]")) {
        input.name = input.name.replace(/-\d+-([a-z]+)$/, `-${index}-$1`);
      }
    });
    box.querySelector("[data-count]").value = rows.length;
  }

  function clearRow(row) {
    for (const input of row.querySelectorAll("input, select")) {
      if (input.type === "checkbox") {
        input.checked = false;
      } else if (input.tagName === "SELECT") {
        input.selectedIndex = 0;
      } else {
        input.value = "";
      }
    }
  }

  function makeButton(label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = label;
    button.addEventListener("click", act);
    return button;
  }

  function prepareRow(row, box, labels) {
    const name = box.dataset.name;
    row.addEventListener("change", () => fitRow(row, name));
    const remove = row.querySelector("[data-remove]");
    remove.replaceChildren(
      makeButton(labels.removeLabel, () => {
        if (box.querySelectorAll("[data-row]").length > 1) {
          row.remove();
          numberRows(box);
        } else {
          clearRow(row);
          fitRow(row, name);
        }
      }),
    );
    fitRow(row, name);
  }

  function prepareBox(box) {
    const place = box.querySelector("[data-add]");
    for (const row of box.querySelectorAll("[data-row]")) {
      prepareRow(row, box, place.dataset);
    }
    place.append(
      makeButton(place.dataset.addLabel, () => {
        const rows = box.querySelectorAll("[data-row]");
        const row = rows[rows.length - 1].cloneNode(true);
        clearRow(row);
        rows[rows.length - 1].after(row);
        numberRows(box);
        prepareRow(row, box, place.dataset);
        row.querySelector("[data-field]").focus();
      }),
    );
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".conditions").forEach(prepareBox);
  });
}
