# Three-level models, cluster-robust inference and within-trial combination.
# Run by hand: Rscript dependence.R > dependence.json   (R 4.2.2, metafor 3.8-1, metadat 1.2-0, clubSandwich 0.5.8)
suppressMessages({library(metafor); library(metadat); library(clubSandwich); library(jsonlite)})

# rma.mv's own optimiser is good to about 1e-8 in the components, so its optimum is polished by Newton steps on its own
# log-likelihood (numDeriv, in relative units), and everything else is read from the fit at the polished components.
polish <- function(refit) {
  s <- refit(NULL)$sigma2
  f <- function(m) c(logLik(refit(s * m)))
  for (i in 1:3) {
    step <- solve(numDeriv::hessian(f, c(1, 1)), numDeriv::grad(f, c(1, 1)))
    s <- s * (1 - step)
  }
  stopifnot(max(abs(step)) < 1e-8)
  refit(s)
}
un <- list(threshold = 1e-12, maxiter = 20000, stepadj = 0.5)

three <- function(y, v, cluster, esid, V = v, mods = NULL) {
  d <- data.frame(y, v, cluster, esid)
  if (is.null(mods)) mods <- matrix(nrow = length(y), ncol = 0)
  refit <- function(s) rma.mv(y, V, mods = cbind(intrcpt = 1, mods), intercept = FALSE, random = ~ 1 | cluster/esid,
                              data = d, sigma2 = s)
  f <- polish(refit)
  ct <- coef_test(f, vcov = "CR2", cluster = d$cluster, test = "Satterthwaite")
  ci <- conf_int(f, vcov = "CR2", cluster = d$cluster, test = "Satterthwaite")
  cf <- confint(refit(NULL), control = list(tol = 1e-10))
  ft <- rma.mv(y, V, mods = cbind(intrcpt = 1, mods), intercept = FALSE, random = ~ 1 | cluster/esid, data = d,
               sigma2 = f$sigma2, test = "t")
  list(t_pval = c(ft$pval), t_low = c(ft$ci.lb), t_qmp = ft$QMp, beta = c(f$beta), se = c(f$se), ci_low = c(f$ci.lb), ci_high = c(f$ci.ub), pval = c(f$pval), sigma2 = f$sigma2,
       loglik = c(logLik(f)), qe = f$QE, qep = f$QEp, qm = f$QM, qmp = f$QMp,
       sigma2_ci = lapply(cf[1:2], function(x) unname(x$random[1, 2:3])),
       cr2_se = ct$SE, cr2_df = ct$df_Satt, cr2_p = ct$p_Satt, cr2_low = ci$CI_L, cr2_high = ci$CI_U,
       htz = if (f$p > 1) { w <- Wald_test(f, constraints = constrain_zero(2:f$p), vcov = "CR2", cluster = d$cluster, test = "HTZ")
         list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val) } else NULL,
       cr1_se = coef_test(f, vcov = "CR1", cluster = d$cluster, test = "Satterthwaite")$SE,
       cr0_se = coef_test(f, vcov = "CR0", cluster = d$cluster, test = "Satterthwaite")$SE)
}
out <- list(what = "three-level REML models, CR2 inference, aggregated effects",
  made_by = paste("dependence.R with R", getRversion(), "metafor", packageVersion("metafor"), "metadat",
                  packageVersion("metadat"), "clubSandwich", packageVersion("clubSandwich")), rtol = 1e-8)

k <- dat.konstantopoulos2011
out$konstantopoulos2011 <- list(data = list(y = c(k$yi), v = k$vi, cluster = k$district, school = k$school, year = k$year),
  plain = three(c(k$yi), k$vi, k$district, k$school),
  year = three(c(k$yi), k$vi, k$district, k$school, mods = cbind(year = k$year - 1990)))
a <- dat.assink2016
Va <- impute_covariance_matrix(a$vi, cluster = a$study, r = 0.6)
out$assink2016 <- list(data = list(y = c(a$yi), v = a$vi, cluster = a$study, esid = a$esid, deltype = a$deltype, year = a$year, pubstatus = a$pubstatus),
  plain = three(c(a$yi), a$vi, a$study, a$esid),
  deltype = three(c(a$yi), a$vi, a$study, a$deltype),
  che06 = three(c(a$yi), a$vi, a$study, a$esid, V = Va),
  che06_mods = three(c(a$yi), a$vi, a$study, a$esid, V = Va, mods = cbind(pubstatus = a$pubstatus, year = a$year)))
dat <- escalc(yi = yi, vi = vi, data = a)
agg <- function(rho, weighted) { g <- aggregate(dat, cluster = study, struct = "CS", rho = rho, weighted = weighted)
  list(cluster = g$study, y = c(g$yi), v = g$vi) }
out$aggregate <- list(weighted06 = agg(0.6, TRUE), weighted00 = agg(0, TRUE), plain06 = agg(0.6, FALSE), plain09 = agg(0.9, FALSE))

one <- function(f, cluster) { ct <- coef_test(f, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  htz <- if (f$p > 1) { w <- Wald_test(f, constraints = constrain_zero(2:f$p), vcov = "CR2", cluster = cluster, test = "HTZ")
    list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val) } else NULL
  list(beta = c(f$beta), tau2 = f$tau2, cr2_se = ct$SE, cr2_df = ct$df_Satt, cr2_p = ct$p_Satt, htz = htz) }
b <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
out$bcg <- list(data = list(y = c(b$yi), v = b$vi, ablat = b$ablat, year = b$year, alloc = b$alloc),
  plain = one(rma(yi, vi, data = b, control = un), b$trial),
  ablat = one(rma(yi, vi, mods = ~ ablat, data = b, control = un), b$trial),
  two = one(rma(yi, vi, mods = ~ ablat + year, data = b, control = un), b$trial),
  by_alloc = one(rma(yi, vi, data = b, control = un), b$alloc))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"))
