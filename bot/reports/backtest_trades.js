"use strict";
(() => {
  const trades = JSON.parse(document.getElementById("trade-data").textContent);
  const root = document.getElementById("trades");
  const columns = [
    ["opened", "opened (UTC)", t => new Date(t.opened).toISOString().slice(0, 16).replace("T", " ")],
    ["symbol", "symbol", t => t.symbol],
    ["side", "side", t => t.side],
    ["tf", "tf", t => t.tf],
    ["score", "score", t => t.score.toFixed(3)],
    ["reason", "exit", t => t.reason],
    ["netR", "net R", t => t.netR.toFixed(2)],
    ["net", "net USDT", t => t.net.toFixed(2)],
    ["fees", "fees", t => t.fees.toFixed(2)],
    ["slip", "slippage", t => t.slip.toFixed(2)],
    ["funding", "funding", t => t.funding.toFixed(2)],
  ];
  let key = "opened", up = true;

  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const svgNs = "http://www.w3.org/2000/svg";
  const shape = (name, attributes) => {
    const made = document.createElementNS(svgNs, name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    return made;
  };

  const chart = t => {
    const width = 900, height = 300, right = 110, minute = 60000;
    const price = value => (value + t.base) / t.scale;
    const levels = [t.stop, t.target, t.entry, t.exit, ...t.zone];
    const low = Math.min(...levels, ...t.candles.map(c => price(c[2])));
    const high = Math.max(...levels, ...t.candles.map(c => price(c[1])));
    const y = p => 10 + (high - p) / (high - low || 1) * (height - 20);
    const step = (width - right) / Math.max(t.candles.length, 1);
    const x = ms => (ms - t.first) / minute * step;
    const svg = shape("svg", {viewBox: `0 0 ${width} ${height}`, width: "100%", role: "img"});
    svg.append(shape("rect", {x: 0, width: width - right, y: y(t.zone[1]),
      height: Math.max(y(t.zone[0]) - y(t.zone[1]), 1), fill: "#4682b4", opacity: 0.15}));
    t.candles.forEach((c, i) => {
      const [o, h, l, k] = c.map(price), colour = k >= o ? "#2a7f62" : "#c0392b";
      const middle = (i + 0.5) * step;
      svg.append(shape("line", {x1: middle, x2: middle, y1: y(h), y2: y(l), stroke: colour}));
      svg.append(shape("rect", {x: i * step + step * 0.15, width: step * 0.7,
        y: y(Math.max(o, k)), height: Math.max(Math.abs(y(o) - y(k)), 1), fill: colour}));
    });
    const line = (value, label, colour) => {
      svg.append(shape("line", {x1: 0, x2: width - right, y1: y(value), y2: y(value),
        stroke: colour, "stroke-dasharray": "4 3"}));
      const text = shape("text", {x: width - right + 4, y: y(value) + 4, fill: colour,
        "font-size": 11});
      text.textContent = `${label} ${Number(value.toPrecision(6))}`;
      svg.append(text);
    };
    line(t.stop, "stop", "#c0392b");
    line(t.target, "target", "#2a7f62");
    line(t.entry, "entry", "#4682b4");
    for (const [ms, value] of [[t.opened, t.entry], [t.closed, t.exit]]) {
      svg.append(shape("circle", {cx: Math.min(x(ms), width - right), cy: y(value), r: 4,
        fill: "none", stroke: "#e67e22", "stroke-width": 2}));
    }
    return svg;
  };

  const draw = () => {
    const table = element("table"), head = element("tr"), body = element("tbody");
    for (const [name, title] of columns) {
      const cell = element("th", title + (name === key ? (up ? " ↑" : " ↓") : ""));
      cell.style.cursor = "pointer";
      cell.onclick = () => { up = name === key ? !up : true; key = name; draw(); };
      head.append(cell);
    }
    const sorted = [...trades].sort((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0) * (up ? 1 : -1));
    for (const t of sorted) {
      const row = element("tr");
      row.style.cursor = "pointer";
      for (const [, , show] of columns) row.append(element("td", show(t)));
      row.onclick = () => {
        if (row.nextSibling?.className === "chart") { row.nextSibling.remove(); return; }
        const below = element("tr"), cell = element("td");
        below.className = "chart";
        cell.colSpan = columns.length;
        cell.append(chart(t));
        below.append(cell);
        row.after(below);
      };
      body.append(row);
    }
    const top = element("thead");
    top.append(head);
    table.append(top, body);
    root.replaceChildren(table);
  };
  draw();
})();
