# Reference values for rl.mantel_haenszel, its exact test, and rl.peto. Run by hand: Rscript tables.R
suppressMessages({library(metafor); library(jsonlite)})
options(warn = -1)
bcg <- with(dat.bcg, data.frame(a = tpos, n1 = tpos + tneg, c = cpos, n2 = cpos + cneg))
tab <- function(d) with(d, data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i))
sets <- list(bcg = bcg, hine1989 = tab(dat.hine1989), li2007 = tab(dat.li2007), nielweise2007 = tab(dat.nielweise2007),
             lee2004 = tab(dat.lee2004), linde2005 = tab(dat.linde2005[complete.cases(dat.linde2005[c("ai", "n1i", "ci", "n2i")]), ]),
             double_zeros = data.frame(a = c(0, 0, 3, 5, 10, 1), n1 = c(20, 30, 25, 40, 10, 50), c = c(0, 2, 0, 9, 10, 4), n2 = c(20, 30, 25, 38, 10, 55)))
pick <- function(x) list(estimate = c(x$beta), se = x$se, statistic = x$zval, pvalue = x$pval, ci = c(x$ci.lb, x$ci.ub),
  q = x$QE, q_pvalue = x$QEp, i2 = x$I2 / 100, h2 = x$H2, cmh = x$MH, cmh_pvalue = x$MHp, tarone = x$TA, tarone_pvalue = x$TAp, k = x$k, k_effects = x$k.yi)
mh <- function(d, measure, ...) with(d, rma.mh(ai = a, n1i = n1, ci = c, n2i = n2, measure = measure, ...))
exact <- function(d) {
  x <- array(rbind(d$a, d$c, d$n1 - d$a, d$n2 - d$c), c(2, 2, nrow(d)))
  t <- mantelhaen.test(x, exact = TRUE)
  list(pvalue = t$p.value, odds_ratio = unname(t$estimate), ci = as.vector(t$conf.int))
}
rates <- dat.nielweise2008
irr <- function(measure, ...) pick(rma.mh(x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = rates, measure = measure, ...))
out <- list(what = "Mantel-Haenszel (rma.mh, with and without corrections), exact conditional test (mantelhaen.test), Peto (rma.peto)",
  data = "R package metadat 1.2-0 by the names given; double_zeros is invented", rtol = 1e-10,
  made_by = paste("tables.R with", R.version.string, "and metafor", packageVersion("metafor")),
  sets = lapply(sets, function(d) list(table = as.list(d),
    OR = pick(mh(d, "OR")), RR = pick(mh(d, "RR")), RD = pick(mh(d, "RD")),
    OR_no_continuity = pick(mh(d, "OR", correct = FALSE)),
    OR_corrected = pick(mh(d, "OR", add = c(1/2, 1/2), to = c("only0", "only0"), drop00 = c(TRUE, FALSE))),
    RR_corrected_all = pick(mh(d, "RR", add = c(1/2, 1/2), to = c("only0", "all"), drop00 = c(TRUE, FALSE))),
    exact = if (sum(d$n1) < 30000) exact(d) else NULL,
    peto = pick(with(d, rma.peto(ai = a, n1i = n1, ci = c, n2i = n2))))),
  rates = list(table = as.list(rates[c("x1i", "t1i", "x2i", "t2i")]), IRR = irr("IRR"), IRD = irr("IRD"), IRR_no_continuity = irr("IRR", correct = FALSE)))
write(toJSON(out, digits = NA, auto_unbox = TRUE, null = "null"), "tables.json")
