// Tick trials in and out of a forest plot and pool the others again, by the formulas of reviewlib:
// inverse variance weights, REML (the highest maximum), DerSimonian-Laird or common effect,
// and the house interval (the wider of Knapp-Hartung and Wald, Wald for two trials), Wald or Knapp-Hartung.
const sum = list => list.reduce((total, x) => total + x, 0)

function fit(y, v, tau2) {
  const w = v.map(x => 1 / (x + tau2)), all = sum(w)
  const mean = sum(y.map((x, i) => w[i] * x)) / all
  const q = sum(y.map((x, i) => w[i] * (x - mean) ** 2))
  return { w, all, mean, q, se: Math.sqrt(1 / all) }
}

// Restricted log-likelihood without its constant, and its derivative.
function likelihood(y, v, tau2) {
  const { all, q } = fit(y, v, tau2)
  return -0.5 * (sum(v.map(x => Math.log(x + tau2))) + Math.log(all) + q)
}
function slope(y, v, tau2) {
  const { w, all, mean } = fit(y, v, tau2)
  const squares = sum(w.map(x => x * x))
  return 0.5 * (sum(w.map((x, i) => x * x * (y[i] - mean) ** 2)) - all + squares / all)
}

// The likelihood may have several maxima: look along a grid for the highest, then halve the step around it.
function reml(y, v) {
  const spread = (Math.max(...y) - Math.min(...y)) ** 2, least = Math.min(...v)
  if (!spread) return 0
  const grid = [0]
  for (let i = 0; i <= 400; i++) grid.push(least * 1e-6 * Math.pow((4 * spread + least) / (least * 1e-6), i / 400))
  const heights = grid.map(t => likelihood(y, v, t))
  const best = heights.indexOf(Math.max(...heights))
  let low = grid[Math.max(best - 1, 0)], high = grid[Math.min(best + 1, grid.length - 1)]
  if (best === 0 && slope(y, v, 0) <= 0) return 0
  for (let i = 0; i < 200 && high - low > 1e-16 * high; i++) {
    const middle = (low + high) / 2
    if (slope(y, v, middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function between(y, v, method) {
  if (method === 'CE') return 0
  if (method === 'REML') return reml(y, v)
  const { w, all, q } = fit(y, v, 0)
  return Math.max(0, (q - (y.length - 1)) / (all - sum(w.map(x => x * x)) / all))
}

// Student's t: the area up to t by the finite series for whole degrees of freedom, its quantile by halving.
function area(t, df) {
  const angle = Math.atan(t / Math.sqrt(df)), c = Math.cos(angle) ** 2
  let term = df % 2 ? Math.cos(angle) : 1, series = df > 1 ? term : 0
  for (let j = df % 2 ? 3 : 2; j < df; j += 2) series += term *= c * (j - 1) / j
  return df % 2 ? 0.5 + (angle + Math.sin(angle) * series) / Math.PI : 0.5 + Math.sin(angle) * series / 2
}
function quantile(df) {
  let low = 0, high = 13
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (area(middle, df) < 0.975) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function pool(y, v, method, rule) {
  const k = y.length, tau2 = between(y, v, method), { mean, q, se } = fit(y, v, tau2)
  const wald = 1.959963984540054 * se, hksj = quantile(k - 1) * se * Math.sqrt(q / (k - 1))
  // Without variance between trials there is nothing for Knapp-Hartung to correct: the library gives Wald's limits.
  const half = rule === 'wald' || method === 'CE' ? wald : rule === 'hksj' ? hksj : k > 2 ? Math.max(wald, hksj) : wald
  const by = half !== wald ? 'Knapp-Hartung' : rule === 'house' && k === 2 ? 'Wald, for two trials' : 'Wald'
  return { k, tau2, estimate: mean, low: mean - half, high: mean + half, by }
}

const RULES = { house: 'wider of Knapp-Hartung and Wald (Wald for two trials)', wald: 'Wald', hksj: 'Knapp-Hartung' }
const METHODS = { REML: 'REML', DL: 'DerSimonian-Laird', CE: 'common effect' }

function choice(words, options) {
  const label = document.createElement('label'), select = document.createElement('select')
  for (const [value, text] of Object.entries(options)) select.add(new Option(text, value))
  label.append(`${words} `, select)
  return label
}

// What is folded is not rendered: its text is, its innerText is not.
const name = row => row.querySelector('th').textContent.replace(/\s+/g, ' ').trim()

for (const place of document.querySelectorAll('[data-pool]')) {
  const rows = [...place.closest('.trials').querySelectorAll('.forest-plot tr.study[data-estimate]')]
  const fields = document.createElement('fieldset'), legend = document.createElement('legend')
  legend.textContent = 'Pool again without some trials, or by other rules'
  const method = choice('Between-trial variance', METHODS), rule = choice('Interval', RULES)
  const result = document.createElement('output')
  fields.append(legend)
  const boxes = rows.map(row => {
    const label = document.createElement('label'), box = document.createElement('input')
    box.type = 'checkbox'
    box.checked = true
    label.append(box, ` ${name(row)}`)
    fields.append(label)
    return box
  })
  fields.append(method, rule, result)
  const digits = Number(place.dataset.digits), ratio = place.dataset.ratio
  const text = x => (ratio ? Math.exp(x) : x).toFixed(digits).replace('-', '\u2212')
  const update = () => {
    const kept = rows.filter((row, i) => boxes[i].checked)
    const [y, v] = ['estimate', 'variance'].map(name => kept.map(row => Number(row.dataset[name])))
    rows.forEach((row, i) => row.classList.toggle('left-out', !boxes[i].checked))
    if (kept.length < 2) {
      delete result.dataset.estimate
      const alone = kept.length && `${name(kept[0])}, ` +
        `${place.dataset.pool} ${kept[0].querySelector('td.effect').textContent.trim()}`
      result.textContent = alone ? `One trial is left, nothing is pooled: ${alone}.` : 'No trial is left: nothing is pooled.'
      return
    }
    const found = pool(y, v, method.lastChild.value, rule.lastChild.value)
    Object.assign(result.dataset, found)
    result.textContent = `${found.k} of ${rows.length} trials: ${place.dataset.pool} ${text(found.estimate)} ` +
      `(95% CI ${text(found.low)} to ${text(found.high)}, ${found.by})${place.dataset.unit && ` ${place.dataset.unit}`}, ` +
      `between-trial variance ${found.tau2.toPrecision(3).replace(/^0\.00$/, '0')}.`
  }
  fields.addEventListener('change', update)
  legend.className = 'sr'
  place.append(fields)
  place.hidden = false
  update()
}
