// Search the index of the site. Without this script the index is a list to read; nothing is sent anywhere.
for (const list of document.querySelectorAll('ul.index')) {
  const fold = list.closest('details'), form = document.createElement('form'), label = document.createElement('label')
  const plain = text => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase()
  const entries = [...list.children].map(item => ({ item, name: plain(item.firstChild.textContent), text: plain(item.textContent) }))
  const input = Object.assign(document.createElement('input'), { type: 'search', autocomplete: 'off' })
  const told = document.createElement('p'), found = document.createElement('ul')
  form.className = 'finder site-search'
  form.setAttribute('role', 'search')
  form.setAttribute('aria-label', 'Search this site')
  told.setAttribute('role', 'status')
  found.className = 'found'
  label.append('Search everything ', input)
  form.append(label, told)
  const rank = (entry, words) => words.every(word => entry.text.includes(word))
    ? words.reduce((sum, word) => sum + (entry.name.startsWith(word) ? 4 : entry.name.includes(word) ? 2 : 1), 0) : 0
  input.addEventListener('input', () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean)
    const hits = words.length ? entries.map(entry => [rank(entry, words), entry]).filter(([score]) => score) : []
    hits.sort(([a], [b]) => b - a)
    found.replaceChildren(...hits.slice(0, 15).map(([, entry]) => entry.item.cloneNode(true)))
    found.querySelectorAll('[tabindex]').forEach(link => link.removeAttribute('tabindex'))
    told.textContent = !words.length ? '' : hits.length > 15 ? `${hits.length} entries, the first 15 shown`
      : `${hits.length} ${hits.length === 1 ? 'entry' : 'entries'}`
  })
  form.addEventListener('submit', event => { event.preventDefault(); found.querySelector('a')?.focus() })
  const place = document.querySelector('main .evidence-map')?.closest('.output') || fold
  place.before(form, found)
}
