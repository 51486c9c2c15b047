// What every page does better with a script and nothing worse without: print, follow the reader, few stops for Tab,
// Escape closes what is open, a fold that was opened for a row closes with it.
const all = (selector, within = document) => [...within.querySelectorAll(selector)]

// One page: the answer, the table, the map of the trials. The full print unfolds everything.
for (const button of all('button.print')) {
  button.hidden = false
  button.addEventListener('click', () => {
    document.documentElement.classList.toggle('one-page', button.dataset.sheet === 'one')
    print()
  })
}
let folded = []
addEventListener('beforeprint', () => { folded = all('details:not([open])'); folded.forEach(fold => fold.open = true) })
addEventListener('afterprint', () => {
  folded.forEach(fold => fold.open = false)
  document.documentElement.classList.remove('one-page')
})

// The contents follow the reader; on a phone their panel closes after a choice.
const contents = document.querySelector('.contents')
const links = contents ? all('a', contents) : []
const seen = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting) {
    links.forEach(link => link.removeAttribute('aria-current'))
    const link = links.find(link => link.hash === `#${entry.target.id}`)
    if (link) link.setAttribute('aria-current', 'true')
  }
}, { rootMargin: '0px 0px -70% 0px' })
all('main h2[id]').forEach(heading => seen.observe(heading))
links.forEach(link => link.addEventListener('click', () => contents.matches(':popover-open') && contents.hidePopover()))
const here = document.querySelector('.top [aria-current]')
if (here) here.closest('ul').scrollLeft = here.offsetLeft - here.closest('ul').offsetLeft

// A link into a fold opens it, in browsers that do not do so themselves.
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)))
  for (let fold = target && target.closest('details'); fold; fold = fold.parentElement.closest('details')) {
    if (!fold.open) { fold.open = true; if (target.matches('.record')) opened.push(fold) }
  }
  if (target && target.matches('h2') && target.closest('summary')) target.closest('details').open = true
}
const opened = []
addEventListener('hashchange', reveal)

// A row stands over the page: Escape or Close takes it away and returns to the number that opened it.
let opener = null
document.addEventListener('click', event => {
  const link = event.target.closest('a[href^="#row-"]')
  if (!link || link.closest('li:has(.record:target)')) return
  opener = link
  const fold = document.querySelector(`[id="${CSS.escape(link.hash.slice(1))}"]`)?.closest('details:not([open])')
  if (fold) { fold.open = true; opened.push(fold) }
})
const close = event => {
  if (!document.querySelector('.record:target')) return
  event.preventDefault()
  location.replace('#closed')
  while (opened.length) opened.pop().open = false
  if (opener) opener.focus({ preventScroll: true })
}
document.addEventListener('keydown', event => event.key === 'Escape' && close(event))
document.addEventListener('click', event => event.target.closest('.record-close a') && close(event))

// A table, and a list of rows, is one stop for Tab; the arrow keys walk its links. A region that need not scroll is none.
for (const group of all('table, ul.records, ul.rove')) {
  const stops = all('a[href], button', group).filter(stop => stop.closest('table, ul.records, ul.rove') === group && !stop.closest('.records dl, .record-close'))
  if (stops.length < 3) continue
  stops.forEach((stop, i) => stop.tabIndex = i ? -1 : 0)
  group.addEventListener('focusin', event => stops.includes(event.target) && stops.forEach(stop => stop.tabIndex = stop === event.target ? 0 : -1))
  group.addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    const there = stops.filter(stop => stop.checkVisibility())
    const next = event.key === 'Home' ? 0 : event.key === 'End' ? there.length - 1 : there.indexOf(event.target) + step
    if (!there.includes(event.target) || !(next in there)) return
    event.preventDefault()
    there[next].focus()
  })
}
// All are measured before any is changed: a page of many tables is laid out once.
const scrolls = () => {
  const regions = all('[role="region"][tabindex], [role="region"][data-scrolls]')
  const wide = regions.map(region => region.scrollWidth > region.clientWidth + 1)
  regions.forEach((region, i) => {
    region.dataset.scrolls = ''
    if (wide[i]) region.tabIndex = 0
    else region.removeAttribute('tabindex')
  })
}
let asked = 0
const scrollsSoon = () => { cancelAnimationFrame(asked); asked = requestAnimationFrame(scrolls) }
scrolls()
addEventListener('resize', scrollsSoon)
document.addEventListener('toggle', scrollsSoon, true)
reveal()
