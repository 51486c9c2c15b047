# Effect sizes by escalc() for real data sets and a synthetic table with zeros and small arms.
# Run by hand: Rscript effects.R > effects.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})

cases <- list()
keep <- function(label, measure, input, res, ...)
  cases[[length(cases) + 1]] <<- c(list(label = label, measure = measure, options = list(...), input = input,
                                        yi = as.numeric(res$yi), vi = as.numeric(res$vi)))
counts <- function(label, a, n1, c, n2, measures, ...) for (m in measures) {
  keep(label, m, list(events_int = a, n_int = n1, events_ctl = c, n_ctl = n2),
       suppressWarnings(escalc(m, ai = a, n1i = n1, ci = c, n2i = n2, ...)), ...)
}
arms <- function(label, d, measures) for (m in measures)
  keep(label, m, list(mean_int = d$m1, sd_int = d$s1, n_int = d$n1, mean_ctl = d$m2, sd_ctl = d$s2, n_ctl = d$n2),
       suppressWarnings(escalc(m, m1i = d$m1, sd1i = d$s1, n1i = d$n1, m2i = d$m2, sd2i = d$s2, n2i = d$n2)))
rates <- function(label, x1, t1, x2, t2, ...) for (m in c("IRR", "IRD", "IRSD"))
  keep(label, m, list(events_int = x1, time_int = t1, events_ctl = x2, time_ctl = t2),
       suppressWarnings(escalc(m, x1i = x1, t1i = t1, x2i = x2, t2i = t2, ...)), ...)
shares <- function(label, x, n, ...) for (m in c("PR", "PLN", "PLO", "PAS", "PFT"))
  keep(label, m, list(events = x, n = n), suppressWarnings(escalc(m, xi = x, ni = n, ...)), ...)
paired <- function(label, d) for (m in c("MC", "SMCC", "SMCR"))
  keep(label, m, list(mean_pre = d$b, mean_post = d$f, sd_pre = d$sb, sd_post = d$sf, n = d$n, r = d$r),
       suppressWarnings(escalc(m, m1i = d$f, m2i = d$b, sd1i = d$sb, sd2i = d$sf, ni = d$n, ri = d$r)))

two <- c("OR", "RR", "RD", "PETO", "AS")
b <- dat.bcg;            counts("dat.bcg", b$tpos, b$tpos + b$tneg, b$cpos, b$cpos + b$cneg, two)
b <- dat.collins1985b;   counts("dat.collins1985b", b$pre.xti, b$pre.nti, b$pre.xci, b$pre.nci, two)
b <- dat.hine1989;       counts("dat.hine1989", b$ai, b$n1i, b$ci, b$n2i, two)
b <- dat.li2007;         counts("dat.li2007", b$ai, b$n1i, b$ci, b$n2i, two)
b <- dat.linde2005;      counts("dat.linde2005", b$ai, b$n1i, b$ci, b$n2i, two)
b <- dat.nielweise2007;  counts("dat.nielweise2007", b$ai, b$n1i, b$ci, b$n2i, two)
b <- dat.nielweise2008;  rates("dat.nielweise2008", b$x1i, b$t1i, b$x2i, b$t2i)
b <- dat.pritz1997;      shares("dat.pritz1997", b$xi, b$ni)
for (m in c("COR", "ZCOR")) { b <- dat.molloy2014
  keep("dat.molloy2014", m, list(r = b$ri, n = b$ni), escalc(m, ri = b$ri, ni = b$ni)) }
b <- dat.normand1999
arms("dat.normand1999", list(m1 = b$m1i, s1 = b$sd1i, n1 = b$n1i, m2 = b$m2i, s2 = b$sd2i, n2 = b$n2i),
     c("MD", "SMD", "SMDH", "ROM"))
b <- dat.curtis1998
arms("dat.curtis1998", list(m1 = b$m1i, s1 = b$sd1i, n1 = b$n1i, m2 = b$m2i, s2 = b$sd2i, n2 = b$n2i),
     c("MD", "SMD", "SMDH", "ROM"))

# Synthetic: zero, full and double-zero cells, missing values, single persons, tiny and huge arms.
a  <- c(0, 3, 5, 0, 10, 12, 1, NA, 0, 7, 20000); n1 <- c(10, 10, 5, 8, 10, 20, 1, 10, 1, 1e4, 1e6)
cc <- c(4, 0, 3, 0, 10,  9, 0,  2, 1, 5, 21000); n2 <- c(12,  9, 6, 9, 10, 20, 2, 10, 1, 9e3, 1e6)
for (to in c("only0", "all", "if0all", "none")) for (drop in c(FALSE, TRUE)) {
  counts("synthetic counts", a, n1, cc, n2, two, add = 0.5, to = to, drop00 = drop)
  rates("synthetic rates", a, n1 + 0.5, cc, n2 / 3, add = 0.5, to = to, drop00 = drop)
}
counts("synthetic counts", a, n1, cc, n2, two, add = 0.1, to = "only0", drop00 = FALSE)
counts("synthetic counts, defaults", a, n1, cc, n2, two)
rates("synthetic rates, defaults", a, n1 + 0.5, cc, n2 / 3)
for (to in c("only0", "all", "if0all", "none")) shares("synthetic shares", a, n1, add = 0.5, to = to)
shares("synthetic shares, defaults", a, n1)
arms("synthetic arms", list(m1 = c(-2, 1.5, 0, 3, 10, 1e-4, -5, NA), s1 = c(3, 2, 1, .5, 4, 1e-5, 2, 1),
                            n1 = c(40, 2, 2, 1, 100000, 12, 9, 10), m2 = c(1.5, 1.5, 0.2, 2.9, 9.9, 2e-4, -4, 1),
                            s2 = c(2, 1, 3, .6, 5, 3e-5, 6, 1), n2 = c(25, 2, 1, 1, 120000, 15, 7, 10)),
     c("MD", "SMD", "SMDH", "ROM"))
paired("synthetic paired", list(b = c(50, 5, 10, 3), f = c(40, 5.5, 10, 2.2), sb = c(10, 2, 1, .8),
                                sf = c(12, 1, 1.5, .9), n = c(30, 4, 12, 200), r = c(.5, -.2, .99, .7)))
for (m in c("COR", "ZCOR")) keep("synthetic correlations", m, list(r = c(-.9, 0, .3, .5, 1), n = c(4, 10, 3, 500, 20)),
  suppressWarnings(escalc(m, ri = c(-.9, 0, .3, .5, 1), ni = c(4, 10, 3, 500, 20))))

b <- dat.pritz1997; es <- escalc("PFT", xi = b$xi, ni = b$ni); x <- c(0.05, 0.3, 0.8, 1.2, 1.5)
back <- list(
  pft_hm = list(n = b$ni, x = x, p = sapply(x, function(v) transf.ipft.hm(v, targs = list(ni = b$ni)))),
  pft = list(n = b$ni, x = as.numeric(es$yi), p = transf.ipft(es$yi, b$ni)),
  pas = list(x = x, p = transf.iarcsin(x)), plo = list(x = x, p = transf.ilogit(x)),
  zcor = list(x = x, p = transf.ztor(x)))
cat(toJSON(list(
  what = "escalc() estimates and sampling variances, default vtype; back-transformations by transf.*",
  data = paste("metadat", packageVersion("metadat"), "and a synthetic table with zeros and small arms"),
  made_by = paste("effects.R with", R.version.string, "and metafor", packageVersion("metafor")),
  rtol = 1e-10, cases = cases, back = back), auto_unbox = TRUE, digits = I(17), na = "null"))
