// Search and sort the table of comparisons. Without this script the table stands in the order of the pages.
for (const table of document.querySelectorAll('table.overview')) {
  const body = table.tBodies[0], rows = [...body.rows]
  const column = name => [...table.tHead.rows[0].cells].findIndex(cell => cell.textContent.trim() === name)
  const text = (row, name) => row.cells[column(name)].textContent.trim()
  const sure = row => (text(row, 'How sure').match(/\u2295/g) || []).length
  const orders = {
    'order of the pages': () => 0,
    'how sure, surest first': (a, b) => sure(b) - sure(a),
    'direction': (a, b) => text(a, 'Direction').localeCompare(text(b, 'Direction')),
    'comparison, A to Z': (a, b) => text(a, 'Comparison').localeCompare(text(b, 'Comparison')),
  }
  const finder = document.createElement('form')
  finder.className = 'finder'
  finder.setAttribute('role', 'search')
  const label = (words, element) => {
    const made = document.createElement('label')
    made.append(`${words} `, element)
    return made
  }
  const find = Object.assign(document.createElement('input'), { type: 'search', autocomplete: 'off' })
  const sort = document.createElement('select')
  Object.keys(orders).forEach(words => sort.add(new Option(words)))
  const told = document.createElement('p')
  told.setAttribute('role', 'status')
  const update = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean)
    const sorted = rows.map((row, i) => [row, i]).sort(([a, i], [b, j]) => orders[sort.value](a, b) || i - j)
    body.append(...sorted.map(([row]) => row))
    for (const row of rows) row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word))
    told.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} comparisons`
  }
  finder.append(label('Search', find), label('Sort by', sort), told)
  finder.addEventListener('input', update)
  finder.addEventListener('submit', event => event.preventDefault())
  const frame = table.closest('.scroll') || table
  frame.before(finder)
  update()
}
