# metafor's own value, at its tightest settings, for every printed value of printed.csv, and the data behind them.
# Run by hand in this folder: Rscript printed.R   (R 4.2.2, metafor 3.8-1, metadat 1.2-0); writes printed.json.
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
options(warn = -1, digits = 15)
counts <- function(a, n1, c, n2, ...) data.frame(events_int = a, n_int = n1, events_ctl = c, n_ctl = n2, ...)
studies <- function(y, v, ...) data.frame(estimate = as.numeric(y), variance = as.numeric(v), ...)
paired <- function(m1, m2, s1, s2, n, r) data.frame(mean_pre = m1, mean_post = m2, sd_pre = s1, sd_post = s2, n = n, r = r)

bcg <- with(dat.bcg, counts(tpos, tpos + tneg, cpos, cpos + cneg, ablat = ablat, alloc = alloc, year = year))
hine1989 <- with(dat.hine1989, counts(ai, n1i, ci, n2i))
normand1999 <- with(dat.normand1999, {
  sd <- sqrt(((n1i - 1) * sd1i^2 + (n2i - 1) * sd2i^2) / (n1i + n2i - 2))
  data.frame(mean_int = m1i, sd_int = sd, n_int = n1i, mean_ctl = m2i, sd_ctl = sd, n_ctl = n2i)
})
raudenbush1985 <- with(dat.raudenbush1985, studies(yi, vi, weeks = weeks))
konstantopoulos2011 <- with(dat.konstantopoulos2011, studies(yi, vi, district = district, study = study, year = year))
collins1985b <- with(dat.collins1985b, counts(pre.xti, pre.nti, pre.xci, pre.nci))
egger2001 <- with(dat.egger2001, counts(ai, n1i, ci, n2i))
yusuf1985 <- na.omit(with(subset(dat.yusuf1985, table == "6"), counts(ai, n1i, ci, n2i)))
hackshaw1998 <- with(dat.hackshaw1998, studies(yi, vi))
berkey1995 <- with(dat.bcg, studies(
  escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg)$yi,
  sum(tneg / tpos) / (13 * (tneg + tpos)) + sum(cneg / cpos) / (13 * (cneg + cpos)), ablat = ablat))
# The data sets below are not in metadat; they are small and stand in the publications named in printed.csv.
lipsey2001 <- studies(c(-0.33, 0.32, 0.39, 0.31, 0.17, 0.64, -0.33, 0.15, -0.02, 0),
  c(0.084, 0.035, 0.017, 0.034, 0.072, 0.117, 0.102, 0.093, 0.012, 0.067),
  random = rep(0:1, c(6, 4)), intensity = c(7, 3, 7, 5, 7, 7, 4, 4, 5, 6))
viechtbauer2005a <- studies(c(-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232),
  c(0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040))
viechtbauer2005b <- studies(
  c(0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134, 0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342),
  c(0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034, 0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035))
miller1978 <- data.frame(events = c(3, 6, 10, 1), n = c(11, 17, 21, 6))
clasp <- counts(c(5, 5, 12, 69, 9, 313), c(156, 303, 565, 1570, 103, 4659), c(8, 17, 9, 94, 11, 352), c(74, 303, 477, 1565, 105, 4650))
tolbutamide <- counts(c(8, 22), c(106, 98), c(5, 16), c(120, 85))
smoking <- data.frame(events_int = c(32, 104, 206, 186, 102), time_int = c(52407, 43248, 28612, 12663, 5317) / 10000,
  events_ctl = c(2, 12, 28, 28, 31), time_ctl = c(18790, 10673, 5710, 2585, 1462) / 10000)
r <- c(0.47, 0.64, 0.77, 0.89, 0.44)
morris2008_int <- paired(c(30.6, 23.5, 0.5, 53.4, 35.6), c(38.5, 26.8, 0.7, 75.9, 36), c(15, 3.1, 0.1, 14.5, 4.7), c(11.6, 4.1, 0.1, 4.4, 4.6), c(20, 50, 9, 10, 14), r)
morris2008_ctl <- paired(c(23.1, 24.9, 0.6, 55.7, 34.8), c(19.7, 25.3, 0.6, 60.7, 33.4), c(13.8, 4.1, 0.2, 17.3, 3.1), c(14.8, 3.3, 0.2, 17.9, 6.9), c(20, 42, 9, 11, 14), r)

es <- function(measure, d) {
  if (measure == "") return(data.frame(yi = d$estimate, vi = d$variance, d))
  e <- switch(measure,
    MD = escalc("MD", m1i = mean_int, sd1i = sd_int, n1i = n_int, m2i = mean_ctl, sd2i = sd_ctl, n2i = n_ctl, data = d),
    PFT = escalc("PFT", xi = events, ni = n, data = d),
    escalc(measure, ai = events_int, n1i = n_int, ci = events_ctl, n2i = n_ctl, data = d))
  as.data.frame(e)
}
smcr <- function(d) as.numeric(escalc("SMCR", m1i = mean_post, m2i = mean_pre, sd1i = sd_pre, ni = n, ri = r, data = d)$yi)
# As in pooling.R: metafor stops on absolute steps, so each data set is fitted in a unit where its variances are near 16.
tight <- list(threshold = 1e-12, maxiter = 20000, stepadj = 0.5)
control <- function(method) if (method %in% c("REML", "ML", "EB")) tight else if (method == "PM") list(tol = 1e-13) else list()
unit <- function(d) 2^round(log2(sqrt(16 / median(d$vi))))
# A tau2 below 1e-9 in that unit is 0 that an iteration approaches from above.
pool <- function(d, method, test = "z") {
  u <- unit(d)
  f <- rma(d$yi * u, d$vi * u^2, method = method, test = test, control = control(method))
  list(estimate = c(f$beta) / u, se = f$se / u, z = f$zval, low = f$ci.lb / u, high = f$ci.ub / u, tau2 = f$tau2 / u^2,
       tau = sqrt(if (f$tau2 < 1e-9) 0 else f$tau2) / u, q = f$QE, i2 = f$I2, h2 = f$H2)
}
qprofile <- function(d) {
  u <- unit(d)
  f <- rma(d$yi * u, d$vi * u^2, method = "REML", control = tight)
  unname(confint(f, control = list(tol = 1e-14, maxiter = 10000, tau2.max = 1000))$random["tau^2", 2:3]) / u^2
}
reg <- function(d, mods, method) {
  u <- unit(d)
  f <- rma(d$yi * u, d$vi * u^2, mods = model.matrix(mods, d)[, -1, drop = FALSE], method = method, control = control(method))
  list(beta = c(f$beta) / u, se = f$se / u, z = f$zval, tau2 = f$tau2 / u^2, qe = f$QE, qm = f$QM)
}
mh <- function(measure, d, ...) if (measure %in% c("IRR", "IRD"))
  rma.mh(measure = measure, x1i = events_int, t1i = time_int, x2i = events_ctl, t2i = time_ctl, data = d, ...) else
  rma.mh(measure = measure, ai = events_int, n1i = n_int, ci = events_ctl, n2i = n_ctl, data = d, ...)
peto <- function(d) rma.peto(ai = events_int, n1i = n_int, ci = events_ctl, n2i = n_ctl, data = d)
d3 <- fromJSON("dependence.json")$konstantopoulos2011$plain
three <- list(estimate = d3$beta, se = d3$se, outer = d3$sigma2[1], inner = d3$sigma2[2], loglik = d3$loglik)
eggerz <- fromJSON("missing_evidence.json")$egger2001$rma$z
begg <- ranktest(es("OR", egger2001)$yi, es("OR", egger2001)$vi)

rows <- read.csv("printed.csv", colClasses = "character")
values <- lapply(setNames(rows$metafor, rows$example_id), function(x) as.numeric(eval(parse(text = x))))
# The guide: its calls are run one after the other as they stand, with metafor's iterations tightened behind their back.
guide <- read.csv("guide.csv", colClasses = "character")
room <- new.env(parent = globalenv())
room$rma <- function(...) {
  call <- sys.call()
  call[[1]] <- quote(metafor::rma)
  call$control <- quote(tight)
  eval(call, room)
}
room$qp <- list(tol = 1e-14, maxiter = 10000)
for (set in c("konstantopoulos2011", "hackshaw1998")) assign(set, transform(get(set), yi = estimate, vi = variance), room)
checked <- vapply(seq_len(nrow(guide)), function(i) {
  eval(parse(text = guide$metafor[i]), room)
  as.numeric(eval(parse(text = guide$metafor_value[i]), room))
}, 0)
names <- c("bcg", "hine1989", "normand1999", "raudenbush1985", "konstantopoulos2011", "collins1985b", "egger2001", "yusuf1985", "berkey1995", "hackshaw1998",
  "lipsey2001", "viechtbauer2005a", "viechtbauer2005b", "miller1978", "clasp", "tolbutamide", "smoking", "morris2008_int", "morris2008_ctl")
out <- list(what = "metafor's value for every printed value of printed.csv, and the data sets by the names used there",
  data = "R package metadat 1.2-0; small tables typed from the publications named in printed.csv",
  made_by = paste("printed.R with", R.version.string, "and metafor", packageVersion("metafor")), rtol = 1e-8,
  data_sets = lapply(setNames(names, names), function(n) as.list(get(n))), values = values, guide = setNames(as.list(checked), guide$task))
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE), "printed.json")
