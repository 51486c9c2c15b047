# Meta-regression, permutation tests, subgroups. Rscript moderators.R > moderators.json
# (R 4.2.2, metafor 3.8-1, metadat 1.2-0)
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
con <- function(m) if (m == "PM") list(tol = 1e-13) else list(threshold = 1e-12, maxiter = 20000, stepadj = 0.5)
one <- function(d, f, method = "REML", test = "z", new = NULL) {
  r <- rma(yi, vi, mods = f, data = d, method = method, test = test, control = con(method))
  o <- list(beta = c(r$beta), se = c(r$se), zval = c(r$zval), pval = c(r$pval), low = c(r$ci.lb), high = c(r$ci.ub),
    tau2 = r$tau2, se_tau2 = r$se.tau2, qm = r$QM, qmp = r$QMp, qe = r$QE, qep = r$QEp, r2 = r$R2, i2 = r$I2, h2 = r$H2, k = r$k, p = r$p)
  if (!is.null(new)) { q <- predict(r, newmods = new); o$pred <- q$pred; o$pred_se <- q$se; o$pred_low <- q$ci.lb
    o$pred_high <- q$ci.ub; o$pi_low <- q$pi.lb; o$pi_high <- q$pi.ub }
  o
}
set <- function(d, ...) { x <- list(data = c(list(y = c(d$yi), v = d$vi), as.list(d[c(...)]))); x }
out <- list(what = "meta-regressions", made_by = paste("moderators.R with R", getRversion(), "metafor", packageVersion("metafor"),
  "metadat", packageVersion("metadat")), rtol = 2e-9)
b <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
out$bcg <- set(b, "ablat", "year", "alloc")
for (m in c("REML", "ML", "DL", "PM", "EB", "HE", "HS", "SJ", "FE"))
  out$bcg[[paste0("ablat_", m)]] <- one(b, ~ ablat, m, "z", c(33, 20))
out$bcg$ablat_hksj <- one(b, ~ ablat, "REML", "knha", c(33, 20))
out$bcg$two_hksj <- one(b, ~ ablat + year, "REML", "knha")
out$bcg$alloc_z <- one(b, ~ alloc)
out$bcg$interaction <- one(b, ~ alloc * ablat)
out$bcg$noint <- one(b, ~ 0 + alloc, "REML", "knha")
d <- dat.bangertdrowns2004
out$bangertdrowns2004 <- set(d, "length", "wic", "feedback", "info", "meta")
out$bangertdrowns2004$mods <- one(d, ~ length + wic + feedback)
out$bangertdrowns2004$length_hksj <- one(d, ~ length, "REML", "knha")
d <- dat.raudenbush1985
out$raudenbush1985 <- set(d, "weeks", "setting", "tester")
out$raudenbush1985$weeks <- one(d, ~ weeks, "REML", "knha")
out$raudenbush1985$all <- one(d, ~ weeks + setting + tester, "ML", "z")
d <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)
out$molloy2014 <- set(d, "year", "design", "controls", "quality")
out$molloy2014$mods <- one(d, ~ quality + controls, "REML", "knha")
r <- rma(yi, vi, mods = ~ ablat, data = b, subset = 1:6, control = con("REML"))
pt <- permutest(r, exact = TRUE, progbar = FALSE)
rk <- rma(yi, vi, mods = ~ ablat + year, data = b, subset = 1:6, test = "knha", control = con("REML"))
pk <- permutest(rk, exact = TRUE, progbar = FALSE)
ri <- rma(yi, vi, data = b, subset = 1:8, control = con("REML"))
pi_ <- permutest(ri, exact = TRUE, progbar = FALSE)
rf <- rma(yi, vi, mods = ~ alloc, data = b[4:10, ], control = con("REML"))
pf <- permutest(rf, exact = TRUE, progbar = FALSE)
out$permutation <- list(ablat6 = list(pval = c(pt$pval), qmp = pt$QMp), two6_hksj = list(pval = c(pk$pval), qmp = pk$QMp),
  mean8 = list(pval = c(pi_$pval)), alloc7 = list(pval = c(pf$pval), qmp = pf$QMp))
sub <- lapply(sort(unique(b$alloc)), function(a) { r <- rma(yi, vi, data = b, subset = alloc == a, control = con("REML"))
  list(name = a, k = r$k, est = c(r$beta), se = r$se, tau2 = r$tau2, q = r$QE, i2 = r$I2) })
est <- sapply(sub, `[[`, "est"); se <- sapply(sub, `[[`, "se")
fe <- rma(est, sei = se, method = "FE")
sh <- rma(yi, vi, mods = ~ alloc, data = b, control = con("REML"))
shn <- rma(yi, vi, mods = ~ 0 + alloc, data = b, control = con("REML"))
out$subgroups <- list(separate = sub, q = fe$QE, qp = fe$QEp, shared_q = sh$QM, shared_qp = sh$QMp, shared_est = c(shn$beta),
  shared_se = shn$se, shared_tau2 = shn$tau2)
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"))
