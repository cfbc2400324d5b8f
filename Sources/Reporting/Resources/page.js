"use strict";
(function () {
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // Numbers: the same in every locale, as in the rest of the page.
  const group = text => text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const number = value => {
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (Number.isInteger(value) || size >= 99.95) return (value < 0 ? "−" : "") + group(String(Math.round(size)));
    return value.toFixed(size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3).replace("-", "−");
  };
  const brief = value => {
    const size = Math.abs(value);
    const trim = (scaled, unit) => String(Number(scaled.toPrecision(3))) + unit;
    if (size >= 1e9) return trim(value / 1e9, " bn");
    if (size >= 1e6) return trim(value / 1e6, " M");
    if (size >= 1e4) return trim(value / 1e3, " k");
    return size >= 1000 ? group(String(Math.round(value))) : String(Number(value.toPrecision(3)));
  };
  const span = milliseconds => {
    const three = value => number(Number(value.toPrecision(3)));
    if (milliseconds < 0.09995) return three(milliseconds * 1e3) + " µs";
    if (milliseconds < 999.5) return three(milliseconds) + " ms";
    if (milliseconds < 119950) return three(milliseconds / 1e3) + " s";
    if (milliseconds < 7197000) return three(milliseconds / 60e3) + " min";
    return milliseconds < 172728000 ? three(milliseconds / 3600e3) + " h" : three(milliseconds / 86400e3) + " days";
  };

  sortableTables();
  charts();

  // Tables: a button in each head sorts, a field filters by the row's name, and long ones begin short.
  function sortableTables() {
    const few = 25;
    for (const table of all("table.sortable")) {
      const body = table.tBodies[0];
      const rows = Array.from(body.rows);
      let shown = rows.length <= few + 5 ? rows.length : few;
      const key = (row, column) => {
        const text = row.cells[column].textContent.trim();
        if (column === 0) return text.toLowerCase();
        const value = parseFloat(text.replace(/[,<>]/g, "").replace("−", "-"));
        return Number.isNaN(value) ? null : value;
      };
      const filter = make("input", { type: "search", autocomplete: "off" });
      const count = make("output", {});
      const more = make("button", { type: "button" });
      const refresh = () => {
        const wanted = filter.value.trim().toLowerCase();
        let matches = 0;
        for (const row of body.rows) {
          const matched = !wanted || row.cells[0].textContent.toLowerCase().includes(wanted);
          if (matched) matches += 1;
          row.hidden = !matched || matches > shown;
        }
        const visible = Math.min(matches, shown);
        count.textContent = visible < matches
          ? number(visible) + " of " + number(matches) + " shown" : number(matches) + (matches === 1 ? " row" : " rows");
        more.hidden = visible >= matches;
        more.textContent = "Show all " + number(matches);
      };
      more.addEventListener("click", () => { shown = rows.length; refresh(); });
      filter.addEventListener("input", refresh);
      const heads = Array.from(table.tHead.rows[0].cells);
      heads.forEach((head, column) => {
        const button = make("button", { type: "button" }, ...Array.from(head.childNodes));
        head.append(button);
        button.addEventListener("click", () => {
          const before = head.getAttribute("aria-sort");
          const rising = before ? before === "descending" : column === 0;
          heads.forEach(other => other.removeAttribute("aria-sort"));
          head.setAttribute("aria-sort", rising ? "ascending" : "descending");
          // Rows without a value stay last in both directions.
          const sorted = rows.map((row, index) => ({ row, index, key: key(row, column) })).sort((a, b) => {
            if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.index - b.index;
            const order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
            return (rising ? order : -order) || a.index - b.index;
          });
          body.append(...sorted.map(entry => entry.row));
          refresh();
        });
      });
      const tools = make("p", { className: "tools" });
      if (rows.length > 5) tools.append(make("label", {}, "Find a function", filter), count);
      tools.append(more);
      table.parentElement.before(tools);
      if (rows.length > 40) table.classList.add("cut");
      refresh();
    }
  }

  // Charts: drawn by dygraphs in place of the still pictures.
  function charts() {
    const data = JSON.parse(document.getElementById("chart-data").textContent);
    if (typeof Dygraph === "undefined" || !data.charts.length) return;
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
    const minute = 60e3, hour = 60 * minute, day = 24 * hour;
    const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const two = value => String(value).padStart(2, "0");

    // Time: of the calendar (UTC) where the trace tells its date, else since its start.
    const origin = data.start === null ? 0 : data.start;
    const clock = time => { const date = new Date(time); return two(date.getUTCHours()) + ":" + two(date.getUTCMinutes()); };
    const dayName = (time, withYear) => {
      if (data.start === null) return "day " + (Math.floor(time / day) + 1);
      const date = new Date(time);
      const name = date.getUTCDate() + " " + months[date.getUTCMonth()];
      return withYear ? name + " " + date.getUTCFullYear() : weekdays[date.getUTCDay()] + " " + name;
    };
    const moment = time => dayName(time) + ", " + clock(time);
    const steps = [minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour,
      12 * hour, day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, 182 * day, 364 * day, 1820 * day];
    const timeTicks = (low, high, pixels) => {
      const room = Math.max(2, pixels / 85);
      const step = steps.find(candidate => (high - low) / candidate <= room) || (high - low) / room;
      const ticks = [];
      for (let time = Math.ceil(low / step) * step; time <= high && ticks.length < 100; time += step) {
        ticks.push({ v: time, label: time % day === 0 ? dayName(time, step >= 28 * day) : clock(time) });
      }
      return ticks;
    };

    // Lengths of time on a logarithmic axis, x being the logarithm of milliseconds.
    const logTicks = (low, high, pixels) => {
      const factors = pixels / (high - low) > 220 ? [1, 2, 5] : [1];
      const ticks = [];
      for (let decade = Math.floor(low); decade <= high; decade += 1) {
        for (const factor of factors) {
          const x = decade + Math.log10(factor);
          if (x >= low && x <= high) ticks.push({ v: x, label: span(factor * Math.pow(10, decade)) });
        }
      }
      return ticks;
    };
    const marks = [[0, ""], [-Math.log10(0.5), "p50"], [1, "p90"], [2, "p99"], [3, "p99.9"], [4, "p99.99"], [5, "p99.999"],
      [6, "p99.9999"], [7, "1 in 10 M"], [8, "1 in 100 M"]];
    const percentileTicks = (low, high) =>
      marks.filter(mark => mark[0] >= low && mark[0] <= high).map(mark => ({ v: mark[0], label: mark[1] }));
    const percentile = tail => {
      const above = Math.pow(10, -tail);
      return (above > 0.01 ? (100 * (1 - above)).toFixed(1) : (100 * (1 - above)).toFixed(Math.min(8, Math.ceil(tail) + 0))) + " %";
    };

    const axes = {
      time: { ticks: timeTicks, said: moment, value: number },
      log: { ticks: logTicks, said: x => span(Math.pow(10, x)), value: share => number(share) + " %" },
      percentile: { ticks: logTicks, said: x => "faster than " + span(Math.pow(10, x)) + ":", value: percentile },
    };

    // Touching a chart must scroll the page, not the chart.
    const model = Object.assign({}, Dygraph.defaultInteractionModel);
    for (const gesture of ["touchstart", "touchmove", "touchend"]) delete model[gesture];

    const drawn = [];
    const overTime = [];
    let isSharing = false;
    const share = action => {
      if (isSharing) return;
      isSharing = true;
      try { action(); } finally { isSharing = false; }
    };

    const style = chart => {
      const lines = chart.limit === null || chart.limit === undefined ? chart.lines : chart.lines.concat({ colour: "limit" });
      return { colors: lines.map(line => colour(line.colour)), gridLineColor: colour("grid"), axisLineColor: colour("rule"),
        rangeSelectorPlotStrokeColor: colour("muted"), rangeSelectorPlotFillColor: colour("rule"),
        rangeSelectorBackgroundStrokeColor: colour("rule"), rangeSelectorForegroundStrokeColor: colour("muted") };
    };

    data.charts.forEach(chart => {
      const element = document.getElementById("chart-" + chart.id);
      if (!element) return;
      const figure = element.closest("figure");
      const axis = axes[chart.axis];
      const isTime = chart.axis === "time";
      const isLastOfTime = isTime && data.charts.filter(other => other.axis === "time").pop() === chart;
      const count = chart.lines[0].values.length;
      const hasLimit = chart.limit !== null && chart.limit !== undefined;
      const rows = [];
      for (let index = 0; index < count; index += 1) {
        const row = [isTime ? origin + index * chart.step : chart.x[index]];
        for (const line of chart.lines) row.push(line.values[index]);
        if (hasLimit) row.push(chart.limit);
        rows.push(row);
      }
      // One point alone gives an axis without extent.
      if (rows.length === 1) rows.push([rows[0][0] + (chart.step || 1), ...rows[0].slice(1)]);
      const labels = ["x", ...chart.lines.map((line, index) => index + " " + line.name), ...(hasLimit ? ["limit"] : [])];
      const series = {};
      chart.lines.forEach((line, index) => {
        series[labels[index + 1]] = { fillGraph: line.fill, connectSeparatedPoints: line.colour === "measured" };
      });
      if (hasLimit) series.limit = { strokePattern: [6, 4] };
      const values = all("[data-value]", figure);
      const at = figure.querySelector("[data-at]");
      if (isLastOfTime) element.classList.add("ranged");
      const graph = new Dygraph(element, rows, Object.assign({
        labels, series, labelsDiv: document.createElement("div"), legend: "always",
        strokeWidth: 1.3, fillAlpha: 0.16, stepPlot: chart.axis === "log", pixelRatio: Math.max(2, window.devicePixelRatio || 1),
        includeZero: true, gridLineWidth: 0.6, axisLineWidth: 1, highlightCircleSize: 3, interactionModel: model,
        yRangePad: 4, xRangePad: 0, axisLabelFontSize: 12,
        showRangeSelector: isLastOfTime, rangeSelectorHeight: 30, rangeSelectorAlpha: 0.75,
        axes: {
          x: { ticker: (low, high, pixels) => axis.ticks(low, high, pixels), drawGrid: !isTime, axisLabelWidth: 90 },
          y: chart.axis === "percentile"
            ? { ticker: percentileTicks, axisLabelWidth: 62 }
            : { axisLabelFormatter: value => brief(value) + (chart.axis === "log" ? " %" : ""), axisLabelWidth: isTime ? 52 : 62, pixelsPerLabel: 28 },
        },
        highlightCallback: (event, x, points, row) => {
          tell(row);
          if (isTime) others(other => { other.graph.setSelection(row); other.tell(row); });
        },
        unhighlightCallback: () => {
          tell(null);
          if (isTime) others(other => { other.graph.clearSelection(); other.tell(null); });
        },
        drawCallback: (drawing, isFirst) => {
          if (isFirst || !isTime) return;
          const range = drawing.xAxisRange();
          others(other => other.graph.updateOptions({ dateWindow: range }));
        },
      }, style(chart)));
      // The charts over time show one stretch and one moment together.
      function others(action) {
        share(() => overTime.filter(other => other.graph !== graph).forEach(action));
      }
      function tell(row) {
        at.textContent = row === null ? "" : axis.said(rows[row][0]);
        values.forEach((value, index) => {
          const found = row === null ? null : rows[row][index + 1];
          value.textContent = found === null || found === undefined ? "" : axis.value(found);
        });
      }
      const entry = { chart, graph, tell };
      drawn.push(entry);
      if (isTime) overTime.push(entry);
    });

    const zoom = document.querySelector(".zoom");
    if (zoom && overTime.length) {
      zoom.hidden = false;
      zoom.addEventListener("click", event => {
        const action = event.target.dataset.zoom;
        if (!action) return;
        const graph = overTime[0].graph;
        const [first, last] = graph.xAxisExtremes();
        const [low, high] = graph.xAxisRange();
        const width = { in: 0.5, out: 2 }[action] * (high - low) || high - low;
        const middle = (low + high) / 2 + { back: -0.5, on: 0.5 }[action] * (high - low) || (low + high) / 2;
        const wide = Math.min(Math.max(width, 2 * overTime[0].chart.step), last - first);
        const start = Math.min(Math.max(middle - wide / 2, first), last - wide);
        graph.updateOptions({ dateWindow: action === "all" ? [first, last] : [start, start + wide] });
      });
    }

    const restyle = () => share(() => drawn.forEach(entry => entry.graph.updateOptions(style(entry.chart))));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  }
})();
