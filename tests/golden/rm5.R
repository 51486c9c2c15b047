# Pools as RevMan 5 prints them, for invented tables with and without zero cells. Run: Rscript tests/golden/rm5.R
# The formulas are those of the statistical algorithms of Review Manager 5 (Deeks and Higgins); metafor, where it has the
# same rule, must agree with them, or the script stops.
suppressMessages(library(metafor))
counts <- list(
  plain = rbind(c(12, 100, 20, 102), c(5, 61, 9, 58), c(30, 210, 41, 205), c(8, 75, 7, 77), c(16, 140, 31, 138)),
  double_zero = rbind(c(0, 50, 0, 50), c(4, 80, 9, 82), c(2, 40, 5, 41)),
  one_zero = rbind(c(0, 45, 6, 47), c(4, 80, 9, 82), c(2, 40, 5, 41), c(11, 60, 3, 64)),
  zeros_both_sides = rbind(c(0, 45, 3, 44), c(4, 80, 0, 39), c(0, 30, 0, 90), c(7, 41, 9, 40), c(1, 200, 0, 100)),
  all_events_in_one_arm = rbind(c(20, 20, 15, 20), c(31, 40, 22, 41), c(12, 30, 9, 33)),
  all_events_in_both = rbind(c(20, 20, 20, 20), c(31, 40, 22, 41), c(12, 30, 9, 33), c(5, 25, 8, 24)),
  no_event_in_control = rbind(c(1, 45, 0, 47), c(2, 80, 0, 82), c(3, 40, 0, 41)),
  heterogeneous = rbind(c(2, 50, 25, 50), c(30, 60, 12, 61), c(0, 44, 7, 45), c(18, 90, 20, 88), c(0, 33, 0, 31)),
  one_estimable = rbind(c(0, 50, 0, 48), c(6, 70, 11, 72)),
  unbalanced = rbind(c(3, 300, 2, 60), c(0, 250, 1, 50), c(9, 40, 20, 160)))
means <- list(
  plain = rbind(c(10.2, 3.1, 40, 12.0, 3.3, 41), c(8.9, 2.8, 25, 9.1, 3.0, 24), c(11.0, 4.0, 60, 14.1, 4.2, 58),
                c(9.4, 3.5, 33, 10.2, 3.6, 35), c(10.1, 3.9, 50, 12.9, 4.1, 50)),
  small = rbind(c(-4.1, 2.0, 4, -1.2, 2.6, 5), c(-2.2, 1.1, 6, -2.9, 1.6, 6), c(-7.5, 3.3, 8, -1.0, 2.2, 7)),
  no_spread = rbind(c(5.0, 0, 20, 6.0, 0, 20), c(8.9, 2.8, 25, 9.1, 3.0, 24), c(11.0, 4.0, 60, 14.1, 4.2, 58)))
logs <- list(plain = cbind(c(-0.51, -0.12, -0.42, 0.08, -0.66), c(0.21, 0.33, 0.15, 0.29, 0.24)),
             wide = cbind(c(-1.4, 0.9, 0.1, 1.1), c(0.31, 0.28, 0.2, 0.44)))
oe <- list(plain = cbind(c(-4.2, -1.1, -6.0, 0.4, -7.1), c(8.1, 3.3, 16.2, 3.9, 10.4)))
same <- function(x, y) stopifnot(isTRUE(all.equal(as.numeric(x), as.numeric(y), tolerance = 1e-10)))
pooled <- function(y, v) c(sum(y / v) / sum(1 / v), sqrt(1 / sum(1 / v)))
random <- function(y, v, centre = pooled(y, v)[1]) {
  w <- 1 / v; df <- length(y) - 1
  tau2 <- if (df) max(0, (sum(w * (y - centre)^2) - df) / (sum(w) - sum(w^2) / sum(w))) else 0
  pooled(y, v + tau2)
}
limits <- function(m, level = 0.95, ratio = TRUE) {
  x <- m[1] + c(0, -1, 1) * qnorm(0.5 + level / 2) * m[2]
  if (ratio) exp(x) else x
}
effects <- function(x, measure) {
  x <- as.data.frame(x); names(x) <- c("a", "n1", "c", "n2")
  none <- x$a + x$c == 0; every <- x$a == x$n1 & x$c == x$n2
  x <- x[if (measure == "RR") !none else if (measure == "RD") TRUE else !none & !every, ]
  raw <- x
  zero <- x$a == 0 | x$c == 0 | x$a == x$n1 | x$c == x$n2
  x$a <- x$a + zero / 2; x$c <- x$c + zero / 2; x$n1 <- x$n1 + zero; x$n2 <- x$n2 + zero
  x$b <- x$n1 - x$a; x$d <- x$n2 - x$c; n <- x$n1 + x$n2
  plain <- !(raw$a == raw$n1 & raw$c == raw$n2) & !(raw$a + raw$c == 0)
  if (measure == "OR") {
    y <- log(x$a * x$d / (x$b * x$c)); v <- 1 / x$a + 1 / x$b + 1 / x$c + 1 / x$d
    R <- x$a * x$d / n; S <- x$b * x$c / n; P <- (x$a + x$d) / n; Q <- (x$b + x$c) / n
    mh <- c(log(sum(R) / sum(S)), sqrt((sum(P * R) / sum(R)^2 + sum(P * S + Q * R) / sum(R) / sum(S) + sum(Q * S) / sum(S)^2) / 2))
  } else if (measure == "RR") {
    y <- log((x$a / x$n1) / (x$c / x$n2)); v <- 1 / x$a - 1 / x$n1 + 1 / x$c - 1 / x$n2
    R <- x$a * x$n2 / n; S <- x$c * x$n1 / n
    mh <- c(log(sum(R) / sum(S)), sqrt(sum((x$n1 * x$n2 * (x$a + x$c) - x$a * x$c * n) / n^2) / (sum(R) * sum(S))))
  } else {
    y <- raw$a / raw$n1 - raw$c / raw$n2; v <- x$a * x$b / x$n1^3 + x$c * x$d / x$n2^3
    w <- x$n1 * x$n2 / n
    mh <- c(sum(w * y) / sum(w), sqrt(sum(x$a * x$b * x$n2^3 / (x$n1 * n^2 * x$n2) + x$c * x$d * x$n1^3 / (x$n2 * n^2 * x$n1)) / sum(w)^2))
  }
  if (measure != "RD") {
    e <- escalc(measure, ai = a, n1i = n1, ci = c, n2i = n2, data = raw[plain, ])
    same(e$yi, y[plain]); same(e$vi, v[plain])
    if (all(plain)) {
      m <- rma.mh(measure = measure, ai = a, n1i = n1, ci = c, n2i = n2, data = raw, add = c(0.5, 0.5), to = c("only0", "only0"))
      same(c(m$beta, m$se), mh)
    }
  }
  same(random(y, v), unlist(rma(y, v, method = if (length(y) > 1) "DL" else "FE")[c("beta", "se")]))
  list(y = y, v = v, mh = mh)
}
out <- list()
keep <- function(set, kind, measure, method, model, level, data, values)
  out[[length(out) + 1]] <<- sprintf('  {"set": "%s", "kind": "%s", "measure": "%s", "method": "%s", "random": %s, "level": %g, "rows": [%s], "pool": [%s]}',
    set, kind, measure, method, if (model) "true" else "false", level,
    paste(apply(data, 1, function(r) sprintf("[%s]", paste(r, collapse = ", "))), collapse = ", "),
    paste(sprintf("%.15g", values), collapse = ", "))
for (set in names(counts)) {
  x <- counts[[set]]
  for (measure in c("OR", "RR", "RD")) {
    e <- effects(x, measure); ratio <- measure != "RD"
    for (level in c(0.95, 0.99)) {
      keep(set, "DICH", measure, "IV", FALSE, level, x, limits(pooled(e$y, e$v), level, ratio))
      keep(set, "DICH", measure, "IV", TRUE, level, x, limits(random(e$y, e$v), level, ratio))
      keep(set, "DICH", measure, "MH", FALSE, level, x, limits(e$mh, level, ratio))
      keep(set, "DICH", measure, "MH", TRUE, level, x, limits(random(e$y, e$v, e$mh[1]), level, ratio))
    }
  }
  p <- rma.peto(ai = x[, 1], n1i = x[, 2], ci = x[, 3], n2i = x[, 4])
  keep(set, "DICH", "PETO", "PETO", FALSE, 0.95, x, limits(c(p$beta, p$se)))
}
for (set in names(means)) {
  x <- means[[set]]; u <- x[x[, 2] > 0 & x[, 5] > 0, ]
  y <- u[, 1] - u[, 4]; v <- u[, 2]^2 / u[, 3] + u[, 5]^2 / u[, 6]; n <- u[, 3] + u[, 6]
  s <- sqrt(((u[, 3] - 1) * u[, 2]^2 + (u[, 6] - 1) * u[, 5]^2) / (n - 2))
  g <- y / s * (1 - 3 / (4 * n - 9)); vg <- n / (u[, 3] * u[, 6]) + g^2 / (2 * (n - 3.94))
  same(escalc("MD", m1i = u[, 1], sd1i = u[, 2], n1i = u[, 3], m2i = u[, 4], sd2i = u[, 5], n2i = u[, 6])$vi, v)
  for (model in c(FALSE, TRUE)) {
    f <- if (model) random else pooled
    keep(set, "CONT", "MD", "IV", model, 0.95, x, limits(f(y, v), ratio = FALSE))
    keep(set, "CONT", "SMD", "IV", model, 0.95, x, limits(f(g, vg), ratio = FALSE))
  }
}
for (set in names(logs)) for (model in c(FALSE, TRUE)) {
  x <- logs[[set]]
  keep(set, "IV", "HR", "IV", model, 0.95, x, limits((if (model) random else pooled)(x[, 1], x[, 2]^2)))
}
for (set in names(oe)) {
  x <- oe[[set]]
  keep(set, "IPD", "HR", "EXP_O_E_VAR", FALSE, 0.95, x, limits(c(sum(x[, 1]) / sum(x[, 2]), sum(x[, 2])^-0.5)))
}
head <- c("{", '"what": "pools of invented tables by the formulas of Review Manager 5",',
          sprintf('"made_by": "rm5.R with R %s, checked in it against metafor %s",', getRversion(), packageVersion("metafor")),
          '"rtol": 1e-9, "analyses": [')
writeLines(c(head, paste(unlist(out), collapse = ",\n"), "]}"), "tests/golden/rm5.json")
