# Funnel asymmetry, trim and fill, PET-PEESE, selection model. Rscript missing_evidence.R > missing_evidence.json
# (R 4.2.2, metafor 3.8-1, metadat 1.2-0; Peters, Harbord, Pustejovsky-Rodgers through lm)
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
tight <- list(threshold = 1e-12, maxiter = 20000, stepadj = 0.5)
lmt <- function(y, x, w) { s <- summary(lm(y ~ x, weights = w)); co <- unname(coef(s))
  list(bias = co[2, 1], se = co[2, 2], t = co[2, 3], p = co[2, 4], limit = co[1, 1], limit_se = co[1, 2], limit_p = co[1, 4]) }
tf <- function(y, v, estimator, side, method) { f <- tryCatch(trimfill(rma(y, v, method = method, control = tight), estimator = estimator,
    side = side, control = tight), error = function(e) NULL); if (is.null(f)) return(NULL)
  list(k0 = f$k0, se_k0 = f$se.k0, side = f$side, p_k0 = f$p.k0, est = c(f$beta), se = f$se, low = f$ci.lb, high = f$ci.ub, tau2 = f$tau2,
       filled = c(f$yi)[f$fill]) }
polish <- function(y, v, alternative) {
  r <- rma(y, v, method = "ML", control = tight)
  s <- tryCatch(suppressWarnings(selmodel(r, type = "stepfun", steps = 0.025, alternative = alternative)), error = function(e) NULL)
  if (is.null(s) || s$tau2 < 1e-6) return(NULL)
  p <- if (alternative == "greater") pnorm(y / sqrt(v), lower.tail = FALSE) else pnorm(y / sqrt(v))
  sgn <- if (alternative == "greater") 1 else -1
  ll <- function(u) { m <- u[1]; t2 <- exp(u[2]); d <- exp(u[3]); q <- qnorm(0.975) * sqrt(v)
    A <- pnorm((sgn * m - q) / sqrt(v + t2)); A <- A + d * (1 - A)
    sum(ifelse(p <= 0.025, 0, log(d)) + dnorm(y, m, sqrt(v + t2), log = TRUE) - log(A)) }
  u <- c(c(s$beta), log(s$tau2), log(s$delta[2]))
  for (i in 1:6) u <- u - solve(numDeriv::hessian(ll, u), numDeriv::grad(ll, u))
  nat <- function(w) ll(c(w[1], log(w[2]), log(w[3])))
  w <- c(u[1], exp(u[2:3])); V <- solve(-numDeriv::hessian(nat, w))
  list(est = w[1], tau2 = w[2], delta = w[3], se = sqrt(V[1, 1]), se_tau2 = sqrt(V[2, 2]), se_delta = sqrt(V[3, 3]), ll = nat(w),
       metafor = list(est = c(s$beta), se = s$se, tau2 = s$tau2, delta = s$delta[2], ll = c(logLik(s)), lrt = s$LRT, lrtp = s$LRTp),
       ll0 = c(logLik(r)))
}
quiet <- function(...) tryCatch(polish(...), error = function(e) NULL)
all <- function(y, v) { y <- c(y); e1 <- regtest(y, v, model = "lm"); e2 <- regtest(rma(y, v, control = tight), model = "rma")
  e3 <- regtest(rma(y, v, test = "knha", control = tight), model = "rma")
  o <- list(data = list(y = y, v = v), lm = list(z = e1$zval, p = e1$pval, est = e1$est, low = e1$ci.lb, high = e1$ci.ub, df = e1$dfs),
    rma = list(z = e2$zval, p = e2$pval, est = unname(e2$est), low = e2$ci.lb, high = e2$ci.ub, bias = c(e2$fit$beta)[2]),
    knha = list(z = e3$zval, p = e3$pval), pet = lmt(y, sqrt(v), 1 / v), peese = lmt(y, v, 1 / v))
  rk <- suppressWarnings(ranktest(y, v)); o$begg <- list(tau = unname(rk$tau), p = rk$pval)
  for (m in c("REML", "FE", "DL")) for (k in c("L0", "R0")) for (s in c("left", "right"))
    o$trim[[paste(m, k, s, sep = "_")]] <- tf(y, v, k, s, m)
  o$trim_auto <- trimfill(rma(y, v, control = tight), control = tight)$side
  o$sel_greater <- quiet(y, v, "greater"); o$sel_less <- quiet(y, v, "less"); o }
out <- list(what = "small-study effects", made_by = paste("missing_evidence.R with R", getRversion(), "metafor", packageVersion("metafor"),
  "metadat", packageVersion("metadat")), rtol = 2e-9)
b <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
out$bcg <- all(b$yi, b$vi); out$hackshaw1998 <- all(dat.hackshaw1998$yi, dat.hackshaw1998$vi)
e <- escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001)
out$egger2001 <- all(e$yi, e$vi)
out$bangertdrowns2004 <- all(dat.bangertdrowns2004$yi, dat.bangertdrowns2004$vi)
out$raudenbush1985 <- all(dat.raudenbush1985$yi, dat.raudenbush1985$vi)
out$raudenbush1985$psr <- with(dat.raudenbush1985, lmt(yi, sqrt(1 / n1i + 1 / n2i), 1 / vi))
out$raudenbush1985$n_int <- dat.raudenbush1985$n1i; out$raudenbush1985$n_ctl <- dat.raudenbush1985$n2i
m <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014); out$molloy2014 <- all(m$yi, m$vi)
binary <- function(a, n1, c, n2) { a <- as.numeric(a); n1 <- as.numeric(n1); c <- as.numeric(c); n2 <- as.numeric(n2); x <- escalc(measure = "OR", ai = a, n1i = n1, ci = c, n2i = n2); N <- n1 + n2; ev <- a + c
  Z <- a - ev * n1 / N; V <- n1 * n2 * ev * (N - ev) / (N^2 * (N - 1))
  list(data = list(events_int = a, n_int = n1, events_ctl = c, n_ctl = n2, y = c(x$yi), v = x$vi),
    peters = lmt(c(x$yi), 1 / N, 1 / (1 / ev + 1 / (N - ev))), harbord = lmt(Z / V, 1 / sqrt(V), V)) }
out$binary <- list(egger2001 = with(dat.egger2001, binary(ai, n1i, ci, n2i)), bcg = with(dat.bcg, binary(tpos, tpos + tneg, cpos, cpos + cneg)))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"))
