# Reference values for rl.meta_analysis, its intervals, and everything that refits it. Run by hand: Rscript pooling.R
# metafor's own stopping rules are absolute and loose; here they are set as tight as they go, and every data set is
# fitted in a unit (a power of two, c) in which its variances are near 16, so that absolute means nearly relative.
suppressMessages({library(metafor); library(jsonlite)})
options(warn = -1)
tight <- list(threshold = 1e-12, maxiter = 20000, stepadj = 0.5)
control <- function(method) if (method %in% c("REML", "ML", "EB")) tight else if (method == "PM") list(tol = 1e-13) else list()
data <- list(
  bcg_rr = escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
  bcg_or = escalc("OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
  bcg_rd = escalc("RD", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
  normand1999_md = escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999),
  normand1999_smd = escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999),
  raudenbush1985 = dat.raudenbush1985,
  hackshaw1998 = dat.hackshaw1998,
  hine1989_rd = escalc("RD", n1i = n1i, n2i = n2i, ai = ai, ci = ci, data = dat.hine1989),
  hine1989_or = escalc("OR", n1i = n1i, n2i = n2i, ai = ai, ci = ci, data = dat.hine1989),
  curtis1998_rom = escalc("ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.curtis1998),
  linde2005_rr = escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.linde2005),
  li2007_or = escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007),
  nielweise2008_irr = escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = dat.nielweise2008),
  nielweise2007_or = escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.nielweise2007),
  molloy2014_zcor = escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014),
  lee2004_or = escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.lee2004),
  pritz1997_plo = escalc("PLO", xi = xi, ni = ni, data = dat.pritz1997),
  egger2001_or = escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001),
  gibson2002_smd = escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.gibson2002),
  bangertdrowns2004 = dat.bangertdrowns2004,
  mcdaniel1994_zcor = escalc("ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994)
)
data <- lapply(data, function(d) { d <- as.data.frame(d[c("yi", "vi")]); d <- d[complete.cases(d), ]; data.frame(y = as.numeric(d$yi), v = as.numeric(d$vi)) })
limits <- function(fit, c.) { p <- predict(fit); c(p$pi.lb, p$pi.ub) / c. }
methods <- c("FE", "DL", "PM", "REML", "ML", "EB", "HE", "HS", "SJ")
unit <- function(d) 2^round(log2(sqrt(16 / median(d$v))))
one <- function(d, method) {
  c. <- unit(d)
  fit <- function(test) rma(d$y * c., d$v * c.^2, method = method, test = test, control = control(method))
  z <- fit("z")
  r <- list(estimate = c(z$beta) / c., se = z$se / c., ci = c(z$ci.lb, z$ci.ub) / c., pvalue = z$pval, q = z$QE, q_pvalue = z$QEp,
            tau2 = z$tau2 / c.^2, i2 = z$I2 / 100, h2 = z$H2, prediction_z = limits(z, c.))
  if (method == "FE") return(r)
  t <- fit("knha"); a <- fit("adhoc")
  b <- as.data.frame(blup(t))
  c(r, list(tau2_se = z$se.tau2 / c.^2, hksj_se = t$se / c., hksj_ci = c(t$ci.lb, t$ci.ub) / c., hksj_pvalue = t$pval,
    floor_se = a$se / c., floor_ci = c(a$ci.lb, a$ci.ub) / c.,
    prediction_t = limits(t, c.), weights = unname(weights(z)) / 100,
    blup = b$pred / c., blup_se = b$se / c.))
}
profile <- function(d) {
  c. <- unit(d)
  x <- rma(d$y * c., d$v * c.^2, method = "REML", control = tight)
  ci <- confint(x, control = list(tol = 1e-14, maxiter = 10000, tau2.max = 100 * max(x$tau2, var(d$y * c.))))$random
  list(tau2 = unname(ci["tau^2", 2:3]) / c.^2, i2 = unname(ci["I^2(%)", 2:3]) / 100, h2 = unname(ci["H^2", 2:3]))
}
out <- list(
  what = "Random-effects fits of 21 data sets by 9 estimators: estimates, three interval rules, prediction, Q-profile, BLUPs",
  data = "R package metadat 1.2-0, the data set and measure each key names",
  made_by = paste("pooling.R with", R.version.string, "and metafor", packageVersion("metafor")),
  rtol = 1e-10,
  sets = lapply(data, function(d) list(y = d$y, v = d$v, profile = profile(d),
                                       fits = setNames(lapply(methods, function(m) one(d, m)), methods))))
write(toJSON(out, digits = NA, auto_unbox = TRUE, null = "null"), "pooling.json")

# leave-one-out, cumulative, influence, Baujat, all subsets
again <- function(d, method, test) {
  c. <- unit(d)
  x <- rma(d$y * c., d$v * c.^2, method = method, test = test, control = control(method))
  l <- leave1out(x); cu <- cumul(x, order = seq_len(nrow(d))); i <- influence(x)
  pdf(NULL); b <- baujat(x); dev.off()
  list(leave_one_out = list(estimate = l$estimate / c., se = l$se / c., ci_low = l$ci.lb / c., ci_high = l$ci.ub / c., pvalue = l$pval, q = l$Q, tau2 = l$tau2 / c.^2, i2 = l$I2 / 100, h2 = l$H2),
       cumulative = list(estimate = cu$estimate / c., se = cu$se / c., ci_low = cu$ci.lb / c., ci_high = cu$ci.ub / c., pvalue = cu$pval, q = cu$Q, tau2 = cu$tau2 / c.^2, i2 = cu$I2 / 100, h2 = cu$H2),
       influence = list(rstudent = i$inf$rstudent, dffits = i$inf$dffits, cooks_d = i$inf$cook.d, cov_r = i$inf$cov.r, tau2_deleted = i$inf$tau2.del / c.^2,
                        q_deleted = i$inf$QE.del, hat = i$inf$hat, weight = i$inf$weight / 100, dfbetas = i$dfbs[[1]], influential = i$is.infl),
       baujat = list(x = b$x, y = b$y))
}
some <- c("bcg_rr", "normand1999_smd", "raudenbush1985", "hine1989_or", "li2007_or")
g <- function(d, method) {
  x <- rma(d$y, d$v, method = method, control = control(method))
  s <- gosh(x, progbar = FALSE)
  list(include = apply(s$incl * 1, 1, paste, collapse = ""), estimate = s$res[, "estimate"], tau2 = s$res[, "tau2"], q = s$res[, "QE"], i2 = s$res[, "I2"] / 100)
}
out2 <- list(what = "leave1out, cumul, influence and baujat for five data sets; gosh for the first seven BCG trials",
  data = "the data of pooling.json", made_by = out$made_by, rtol = 1e-8,
  sets = setNames(lapply(some, function(n) list(REML_z = again(data[[n]], "REML", "z"), REML_hksj = again(data[[n]], "REML", "knha"),
                                                DL_z = again(data[[n]], "DL", "z"), FE_z = again(data[[n]], "FE", "z"))), some),
  gosh = list(REML = g(data$bcg_rr[1:7, ], "REML"), DL = g(data$bcg_rr[1:7, ], "DL"), FE = g(data$bcg_rr[1:7, ], "FE")))
write(toJSON(out2, digits = NA, auto_unbox = TRUE, null = "null"), "reruns.json")
