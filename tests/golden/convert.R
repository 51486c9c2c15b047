# Conversions from closed forms, written independently of the library from the papers' formulas.
# Run by hand: Rscript convert.R > convert.json   (metafor 3.8 has no conv.* functions)
suppressMessages(library(jsonlite))
wan <- function(a, q1, m, q3, b, n) {
  e.range <- 2 * qnorm((n - .375) / (n + .25)); e.iqr <- 2 * qnorm((.75 * n - .125) / (n + .25))
  list(S1 = list(wan_mean = (a + 2 * m + b) / 4, wan_sd = (b - a) / e.range,
                 luo = 4 / (4 + n^.75) * (a + b) / 2 + n^.75 / (4 + n^.75) * m,
                 t = abs(a + b - 2 * m) / (b - a), crit = 1 / log(n + 9) + 2.5 / (n + 1)),
       S2 = list(wan_mean = (q1 + m + q3) / 3, wan_sd = (q3 - q1) / e.iqr,
                 luo = (.7 + .39 / n) * (q1 + q3) / 2 + (.3 - .39 / n) * m,
                 t = abs(q1 + q3 - 2 * m) / (q3 - q1), crit = 2.65 / sqrt(n) - 6 / n^2),
       S3 = list(wan_mean = (a + 2 * q1 + 2 * m + 2 * q3 + b) / 8, wan_sd = (b - a) / (2 * e.range) + (q3 - q1) / (2 * e.iqr),
                 # Shi 2020 in the printed theta form; the library uses the weight form
                 shi_sd = (b - a) / ((2 + .14 * n^.6) * e.range / 2) + (q3 - q1) / ((2 + 2 / (.07 * n^.6)) * e.iqr / 2),
                 luo = 2.2 / (2.2 + n^.75) * (a + b) / 2 + (.7 - .72 / n^.55) * (q1 + q3) / 2 +
                       (.3 + .72 / n^.55 - 2.2 / (2.2 + n^.75)) * m,
                 t = max(2.65 * log(.6 * n) / sqrt(n) * abs(a + b - 2 * m) / (b - a), abs(q1 + q3 - 2 * m) / (q3 - q1)),
                 crit = 3 / sqrt(n) - 40 / n^3))
}
grid <- list(c(2, 3, 4, 6, 9, 25), c(-8, -3, 0.5, 3, 12, 9), c(10, 20, 30, 41, 55, 101), c(0, 0, 1, 4, 22, 400))
quant <- lapply(grid, function(g) list(five = g[1:5], n = g[6], values = do.call(wan, as.list(g))))
# Quantile estimation by a general optimiser over both parameters of each family, many starts.
qe <- function(q, n) {
  p <- c(1 / n, .25, .5, .75, 1 - 1 / n)
  fit <- function(f, starts) {
    best <- list(value = Inf)
    for (s in starts) for (i in 1:6) {
      r <- try(optim(s, function(t) sum((f(p, exp(t[1]), exp(t[2])) - q)^2), control = list(reltol = 1e-16, maxit = 20000)), TRUE)
      if (!inherits(r, "try-error") && r$value < best$value) best <- r
      if (!inherits(r, "try-error")) s <- r$par
    }
    best
  }
  l <- fit(function(p, a, b) qlnorm(p, log(a), b), list(c(log(q[3]), -1), c(log(q[3]), 0)))
  g <- fit(function(p, a, b) qgamma(p, a, rate = b), list(c(0, 0), c(1, -1), c(2, 0)))
  w <- fit(function(p, a, b) qweibull(p, a, b), list(c(0, log(q[3])), c(1, log(q[3]))))
  nn <- lm(q ~ qnorm(p)); e <- function(r) exp(r$par)
  lp <- e(l); gp <- e(g); wp <- e(w)
  tab <- list(normal = c(sum(resid(nn)^2), coef(nn)),
    `log-normal` = c(l$value, lp[1] * exp(lp[2]^2 / 2), lp[1] * exp(lp[2]^2 / 2) * sqrt(expm1(lp[2]^2))),
    gamma = c(g$value, gp[1] / gp[2], sqrt(gp[1]) / gp[2]),
    Weibull = c(w$value, wp[2] * gamma(1 + 1 / wp[1]), wp[2] * sqrt(gamma(1 + 2 / wp[1]) - gamma(1 + 1 / wp[1])^2)))
  k <- which.min(sapply(tab, `[`, 1)); v <- unname(tab[[k]])
  list(family = names(tab)[k], loss = v[1], mean = v[2], sd = v[3])
}
fits <- lapply(list(c(2, 3, 4, 6, 9, 100), c(1, 3, 5, 9, 30, 60), c(.5, 8, 12, 15, 20, 80)),
               function(g) c(list(five = g[1:5], n = g[6]), qe(g[1:5], g[6])))
# Everyday conversions, straight from R's distribution functions.
plain <- list(
  sd_from_ci = sqrt(25) * (34.2 - 30) / (2 * qt(.975, 24)),
  se_from_ci_t = (3.5 - 1.4) / (2 * qt(.975, 263)), se_from_ci_90 = (3.5 - 1.4) / (2 * qnorm(.95)),
  se_from_p_t = 1.3 / qt(1 - .01 / 2, 166), se_from_p_z = 1.3 / qnorm(1 - .01 / 2),
  se_from_ratio_ci = (log(1.85) - log(1.13)) / (2 * qnorm(.975)),
  responders_logistic = plogis(qlogis(.4) + .3 * pi / sqrt(3)), responders_normal = pnorm(qnorm(.4) + .3),
  risk_or = plogis(qlogis(.25) + log(.8)), risk_hr = 1 - (1 - .25)^.8, share_beyond = pnorm(-2, -2.9, 4.6))
cat(toJSON(list(
  what = "Wan 2014, Luo 2018, Shi 2020 and 2023 closed forms; quantile estimation by optim(); everyday conversions",
  data = "invented quantiles", made_by = paste("convert.R with", R.version.string),
  rtol = 1e-12, rtol_fit = 1e-6, quantiles = quant, fits = fits, plain = plain),
  auto_unbox = TRUE, digits = I(17), na = "null"))
