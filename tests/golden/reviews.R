# Pools of the invented reviews in tests/exchange/test_reviews.py, by metafor. Run: Rscript tests/golden/reviews.R
suppressMessages(library(metafor))
e <- data.frame(ai = c(12, 5, 30, 8, 16), n1i = c(100, 61, 210, 75, 140), ci = c(20, 9, 41, 7, 31),
                n2i = c(102, 58, 205, 77, 138))
m <- data.frame(m1i = c(10.2, 8.9, 11.0, 9.4, 10.1), sd1i = c(3.1, 2.8, 4.0, 3.5, 3.9), n1i = c(40, 25, 60, 33, 50),
                m2i = c(12.0, 9.1, 14.1, 10.2, 12.9), sd2i = c(3.3, 3.0, 4.2, 3.6, 4.1), n2i = c(41, 24, 58, 35, 50))
y <- c(-0.51, -0.12, -0.42, 0.08, -0.66); se <- c(0.21, 0.33, 0.15, 0.29, 0.24)
oe <- c(-4.2, -1.1, -6.0, 0.4, -7.1); v <- c(8.1, 3.3, 16.2, 3.9, 10.4)
three <- function(fit, f = identity) f(c(fit$beta, fit$ci.lb, fit$ci.ub))
mh <- rma.mh(measure = "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = e)
# RevMan's random-effects "Mantel-Haenszel": DerSimonian-Laird with Q around the Mantel-Haenszel estimate.
rr <- escalc(measure = "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = e)
w <- 1 / rr$vi
q <- sum(w * (rr$yi - c(mh$beta))^2)
tau2 <- max(0, (q - (nrow(e) - 1)) / (sum(w) - sum(w^2) / sum(w)))
md <- rma(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = m, method = "DL")
# RevMan's SMD: Hedges' approximate correction, and its own variance.
n <- m$n1i + m$n2i
g <- (m$m1i - m$m2i) / sqrt(((m$n1i - 1) * m$sd1i^2 + (m$n2i - 1) * m$sd2i^2) / (n - 2)) * (1 - 3 / (4 * n - 9))
smd <- rma(g, n / (m$n1i * m$n2i) + g^2 / (2 * (n - 3.94)), method = "FE")
out <- list(
  mh_rr = three(mh, exp),
  mh_random_rr = three(rma(yi, vi, data = rr, tau2 = tau2), exp),
  peto = three(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = e), exp),
  md_random = three(md),
  smd_fixed = three(smd),
  log_fixed = three(rma(y, sei = se, method = "FE"), exp),
  oe = three(rma(oe / v, vi = 1 / v, method = "FE"), exp)
)
said <- sprintf('  "%s": [%s]', names(out), sapply(out, function(x) paste(sprintf("%.15g", x), collapse = ", ")))
head <- c('  "what": "pools of the invented reviews in tests/exchange/test_reviews.py",',
          sprintf('  "made_by": "reviews.R with R %s and metafor %s",', getRversion(), packageVersion("metafor")))
writeLines(c("{", head, paste(said, collapse = ",\n"), "}"), "tests/golden/reviews.json")
