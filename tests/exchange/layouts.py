"""Files in the layouts of ten programs and seven sets of marks, from known values: to be read right or refused.

A layout says for each column its name and what stands in it, `name=code`. The truth is computed here, by exact
arithmetic on the same values, with no formula of the library.
"""

import csv
import io
import math
import random

LAYOUTS = {
    "metafor means": ("MD", "slab=name|n1i=n1|m1i=m1|sd1i=s1|n2i=n2|m2i=m2|sd2i=s2"),
    "metafor 2x2": ("OR", "author=author|year=year|ai=e1|bi=f1|ci=e2|di=f2"),
    "metafor totals": ("OR", "trial=name|ai=e1|n1i=n1|ci=e2|n2i=n2"),
    "metafor bcg": ("OR", "trial=index|author=author|year=year|tpos=e1|tneg=f1|cpos=e2|cneg=f2|ablat=year"),
    "metafor rates": ("IRR", "study=name|x1i=e1|t1i=t1|x2i=e2|t2i=t2"),
    "metafor escalc": ("OR", "=index|author=author|year=year|yi=lor|vi=lor_v"),
    "metafor summary": ("OR", "=name|yi=lor|vi=lor_v|sei=lor_se|zi=year|pval=e1|ci.lb=lor_lo|ci.ub=lor_hi"),
    "metafor mixed": ("MD", "slab=name|n1i=n1|m1i=m1|sd1i=s1|n2i=n2|m2i=m2|sd2i=s2|yi=md|vi=md_v"),
    "meta cont": ("MD", "studlab=name|n.e=n1|mean.e=m1|sd.e=s1|n.c=n2|mean.c=m2|sd.c=s2"),
    "meta dataset": ("MD", "author=name|Ne=n1|Me=m1|Se=s1|Nc=n2|Mc=m2|Sc=s2"),
    "meta dataset with TE": ("MD", "Author=name|TE=md|seTE=md_se|Ne=n1|Me=m1|Se=s1|Nc=n2|Mc=m2|Sc=s2"),
    "meta bin": ("OR", "studlab=name|event.e=e1|n.e=n1|event.c=e2|n.c=n2"),
    "meta Ee": ("OR", "author=name|Ee=e1|Ne=n1|Ec=e2|Nc=n2"),
    "meta gen": ("OR", "studlab=name|TE=lor|seTE=lor_se|lower=lor_lo|upper=lor_hi"),
    "meta inc": ("IRR", "studlab=name|event.e=e1|time.e=t1|event.c=e2|time.c=t2"),
    "RevMan 5 short": ("OR", "Study=name|Events 1=e1|Total 1=n1|Events 2=e2|Total 2=n2"),
    "RevMan 5 means": ("MD", "Study ID=name|Mean 1=m1|SD 1=s1|Total 1=n1|Mean 2=m2|SD 2=s2|Total 2=n2"),
    "RevMan 5 export": (
        "OR",
        "Comparison Number=one|Outcome Number=one|Subgroup Number=zero|Name=name|Data Type=blank|"
        "Effect Measure=blank|Events 1=e1|Total 1=n1|Events 2=e2|Total 2=n2|Mean 1=zero|SD 1=zero|Mean 2=zero|"
        "SD 2=zero|Effect Estimate=or|SE=zero|CI Start=or_lo|CI End=or_hi|Weight=year",
    ),
    "RevMan Web means": (
        "MD",
        "Study=name|Experimental mean=m1|Experimental SD=s1|Experimental N=n1|Control mean=m2|Control SD=s2|"
        "Control N=n2|Mean=md|CI start=md_lo|CI end=md_hi",
    ),
    "RevMan Web events": (
        "OR",
        "Study=name|Experimental cases=e1|Experimental N=n1|Control cases=e2|Control N=n2|Mean=or",
    ),
    "Metapsy means": (
        "MD",
        "study=name|condition_arm1=text|condition_arm2=text|mean_arm1=m1|mean_arm2=m2|sd_arm1=s1|sd_arm2=s2|"
        "n_arm1=n1|n_arm2=n2|event_arm1=blank|event_arm2=blank|totaln_arm1=blank|totaln_arm2=blank",
    ),
    "Metapsy events": (
        "OR",
        "study=name|condition_arm1=text|condition_arm2=text|n_arm1=n1|n_arm2=n2|event_arm1=e1|event_arm2=e2|"
        "totaln_arm1=n1|totaln_arm2=n2",
    ),
    "JASP log": ("OR", "Study=name|logOR=lor|SE=lor_se"),
    "JASP effect size": ("OR", "Study=name|Effect Size=lor|Effect Size Standard Error=lor_se"),
    "JASP mean difference": ("MD", "Study=name|Effect Size=md|Effect Size SE=md_se"),
    "jamovi means": (
        "MD",
        "Study=name|Group One Sample Size=n1|Group One Mean=m1|Group One Standard Deviation=s1|"
        "Group Two Sample Size=n2|Group Two Mean=m2|Group Two Standard Deviation=s2",
    ),
    "jamovi events": (
        "OR",
        "Study Label=name|Group One Events=e1|Group One Sample Size=n1|Group Two Events=e2|Group Two Sample Size=n2",
    ),
    "CMA means": (
        "MD",
        "Study name=name|Treated Mean=m1|Treated Std-Dev=s1|Treated Sample size=n1|Control Mean=m2|"
        "Control Std-Dev=s2|Control Sample size=n2|Effect direction=text",
    ),
    "CMA events": (
        "OR",
        "Study name=name|Group-A Events=e1|Group-A Sample size=n1|Group-B Events=e2|Group-B Sample size=n2",
    ),
    "CMA limits": ("OR", "Study name=name|Odds ratio=or|Lower limit=or_lo|Upper limit=or_hi|Z-Value=year"),
    "CMA both": ("OR", "Study name=name|Odds ratio=or|Log odds ratio=lor|Std Err=lor_se|Variance=lor_v"),
    "Stata meta": (
        "OR",
        "_meta_id=index|_meta_studylabel=name|_meta_es=lor|_meta_se=lor_se|_meta_cil=lor_lo|_meta_ciu=lor_hi",
    ),
    "Stata bcg": ("OR", "trial=index|studylbl=name|npost=e1|nnegt=f1|nposc=e2|nnegc=f2"),
    "Stata metan": ("OR", "study=name|_ES=or|_LCI=or_lo|_UCI=or_hi|_WT=year"),
    "Stata esize": ("MD", "study=name|nt=n1|meant=m1|sdt=s1|nc=n2|meanc=m2|sdc=s2"),
    "Excel means": (
        "MD",
        "Study=name|N treatment=n1|Mean treatment=m1|SD treatment=s1|N control=n2|Mean control=m2|SD control=s2",
    ),
    "Excel short": ("MD", "study=name|n_t=n1|mean_t=m1|sd_t=s1|n_c=n2|mean_c=m2|sd_c=s2"),
    "Excel experimental": ("MD", "study=name|m_e=m1|sd_e=s1|n_e=n1|m_c=m2|sd_c=s2|n_c=n2"),
    "Excel numbered": ("MD", "study=name|n1=n1|mean1=m1|sd1=s1|n2=n2|mean2=m2|sd2=s2"),
    "Excel German": (
        "MD",
        "Studie=name|n Intervention=n1|MW Intervention=m1|SD Intervention=s1|n Kontrolle=n2|MW Kontrolle=m2|"
        "SD Kontrolle=s2",
    ),
    "Excel events": (
        "OR",
        "Study=name|Events (intervention)=e1|Total (intervention)=n1|Events (control)=e2|Total (control)=n2",
    ),
    "Excel OR with limits": ("OR", "Study=name|OR=or|95% CI lower=or_lo|95% CI upper=or_hi"),
    "Excel aOR with limits": ("OR", "Study=name|adj. OR=or|LCL=or_lo|UCL=or_hi|p=year"),
    "Excel OR with se": ("OR", "study=name|OR=or|se=lor_se"),
    "Excel ln with variance": ("OR", "study=name|ln(OR)=lor|var=lor_v"),
    "Excel log with limits of the ratio": ("OR", "study=name|logOR=lor|OR lower=or_lo|OR upper=or_hi"),
    "Excel estimate with limits": ("OR", "study=name|estimate=or|lower=or_lo|upper=or_hi"),
    "Excel logs with limits": ("OR", "study=name|effect=lor|low=lor_lo|high=lor_hi"),
    "Excel difference": ("MD", "study=name|Mean difference=md|Lower 95% CI=md_lo|Upper 95% CI=md_hi"),
    "German means": ("MD", "Studie=name|N IG=n1|MW IG=m1|SD IG=s1|N KG=n2|MW KG=m2|SD KG=s2"),
    "German means in words": (
        "MD",
        "Autor=author|Jahr=year|Anzahl Intervention=n1|Mittelwert Intervention=m1|"
        "Standardabweichung Intervention=s1|Anzahl Kontrolle=n2|Mittelwert Kontrolle=m2|"
        "Standardabweichung Kontrolle=s2",
    ),
    "German events": (
        "OR",
        "Studie=name|Ereignisse Intervention=e1|n Intervention=n1|Ereignisse Kontrolle=e2|n Kontrolle=n2",
    ),
    "German events by group": (
        "OR",
        "Studie=name|Todesfälle Versuchsgruppe=e1|Fallzahl Versuchsgruppe=n1|Todesfälle Kontrollgruppe=e2|"
        "Fallzahl Kontrollgruppe=n2",
    ),
    "German limits": ("OR", "Studie=name|OR=or|KI unten=or_lo|KI oben=or_hi|p-Wert=year"),
    "German limits in words": ("OR", "Studie=name|Odds Ratio=or|untere Grenze=or_lo|obere Grenze=or_hi"),
    "German limits in letters": ("OR", "Studie=name|OR=or|UG=or_lo|OG=or_hi"),
    "German limits with their level": ("OR", "Studie=name|OR (adjustiert)=or|95%-KI unten=or_lo|95%-KI oben=or_hi"),
    "German limits from and to": ("OR", "Studie=name|OR=or|KI von=or_lo|KI bis=or_hi"),
    "German standard error": ("MD", "Studie=name|Mittelwertdifferenz=md|Standardfehler=md_se"),
    "German cells": ("OR", "Studie=name|OR (95%-KI)=or_cell"),
    "French means": (
        "MD",
        "Étude=name|Effectif traitement=n1|Moyenne traitement=m1|Écart-type traitement=s1|Effectif témoin=n2|"
        "Moyenne témoin=m2|Écart-type témoin=s2",
    ),
    "French events": (
        "OR",
        "Étude=name|Événements intervention=e1|Effectif intervention=n1|Événements contrôle=e2|Effectif contrôle=n2",
    ),
    "French limits": ("OR", "Auteur=author|Année=year|RC=or|IC inf=or_lo|IC sup=or_hi"),
    "French limits in words": ("OR", "Étude=name|Rapport de cotes=or|Borne inférieure=or_lo|Borne supérieure=or_hi"),
    "French difference": ("MD", "Étude=name|Différence moyenne=md|IC95 inf=md_lo|IC95 sup=md_hi"),
    "Spanish means": (
        "MD",
        "Estudio=name|n tratamiento=n1|Media tratamiento=m1|DE tratamiento=s1|n control=n2|Media control=m2|"
        "DE control=s2",
    ),
    "Spanish events": (
        "OR",
        "Estudio=name|Eventos intervención=e1|Total intervención=n1|Eventos control=e2|Total control=n2",
    ),
    "Spanish limits": ("OR", "Autor=author|Año=year|Razón de momios=or|Límite inferior=or_lo|Límite superior=or_hi"),
    "Italian limits": ("OR", "Studio=name|OR=or|IC 95% inferiore=or_lo|IC 95% superiore=or_hi"),
    "Words deaths": ("OR", "study=name|deaths_int=e1|n_int=n1|deaths_ctl=e2|n_ctl=n2"),
    "Words dead": ("OR", "study=name|dead_treat=e1|total_treat=n1|dead_control=e2|total_control=n2"),
    "Words responders": ("OR", "study=name|responders_trt=e1|n_trt=n1|responders_pbo=e2|n_pbo=n2"),
    "Words cases": ("OR", "study=name|int_cases=e1|int_total=n1|ctl_cases=e2|ctl_total=n2"),
    "Words failures": ("OR", "study=name|failures_exp=e1|n_exp=n1|failures_ctrl=e2|n_ctrl=n2"),
    "Words survivors": ("OR", "study=name|died_t=e1|survived_t=f1|died_c=e2|survived_c=f2"),
    "Words numbered": ("OR", "study=name|deaths_1=e1|total_1=n1|deaths_2=e2|total_2=n2"),
    "Words adjusted": ("OR", "study=name|OR_adj=or|lower=or_lo|upper=or_hi"),
    "Words POR": ("OR", "study=name|POR=or|LCL=or_lo|UCL=or_hi"),
    "Words OR with CI above numbers": ("OR", "study=name|OR (95% CI)=or|lower=or_lo|upper=or_hi"),
    "Cells whole": ("OR", "study=name|OR (95% CI)=or_cell"),
    "Cells of differences": ("MD", "study=name|MD [95% CI]=md_cell"),
    "Cells of limits": ("OR", "study=name|aOR=or|95% CI=ci_cell"),
    "Cells of logarithms": ("OR", "study=name|log OR (95% CI)=lor_cell"),
}
OPEN = {"JASP effect size"}  # unless some are below 0, nothing says whether these are ratios or logarithms
LOCALES = {  # separator of cells, decimal mark, mark of thousands
    "English": (",", ".", ""),
    "English with thousands": (",", ".", ","),
    "tabs": ("\t", ".", ""),
    "German": (";", ",", ""),
    "German with thousands": (";", ",", "."),
    "French": (";", ",", "\u202f"),
    "Swiss": (";", ".", "'"),
}
DECIMALS = {"m": 1, "s": 1, "or": 5, "or_lo": 5, "or_hi": 5}
Z = 1.959963984540054


def studies(seed, k=5):
    """Return k studies with the values of every code, as numbers."""
    rng = random.Random(seed)
    return [_study(rng, i) for i in range(k)]


def _study(rng, i):
    s = {}
    for a in (1, 2):
        n = rng.randint(30, 90) if rng.random() < 0.6 else rng.randint(1001, 2999)
        events = rng.randint(3, n // 2)
        s |= {f"n{a}": n, f"e{a}": events, f"f{a}": n - events, f"t{a}": round(rng.uniform(100, 900), 1)}
        s |= {f"m{a}": round(rng.uniform(5, 60), 1), f"s{a}": round(rng.uniform(2, 15), 1)}
    s |= {"index": i + 1, "year": 1990 + rng.randint(0, 30), "one": 1, "zero": 0, "blank": "", "text": "as usual"}
    s["author"] = rng.choice(("Smith", "Jones", "M\u00fcller", "Garc\u00eda", "O'Brien")) + " " + "ABCDEFGH"[i]
    s["name"] = f"{s['author']} {s['year']}"
    odds = math.log(s["e1"] * s["f2"] / (s["f1"] * s["e2"]))
    for key, y, v in (
        ("md", s["m1"] - s["m2"], s["s1"] ** 2 / s["n1"] + s["s2"] ** 2 / s["n2"]),
        ("lor", odds, sum(1 / s[cell] for cell in ("e1", "f1", "e2", "f2"))),
    ):
        s |= {key: y, f"{key}_v": v, f"{key}_se": v**0.5, f"{key}_lo": y - Z * v**0.5, f"{key}_hi": y + Z * v**0.5}
    s |= {f"or{end}": math.exp(s[f"lor{end}"]) for end in ("", "_lo", "_hi")}
    s |= {f"{key}_cell": tuple(s[f"{key}{end}"] for end in ("", "_lo", "_hi")) for key in ("or", "lor", "md")}
    s["ci_cell"] = s["or_cell"][1:]
    return s


def truth(study, measure):
    """Return estimate and variance of a study on the analysis scale."""
    if measure == "IRR":
        ratio = study["e1"] / study["t1"] / (study["e2"] / study["t2"])
        return math.log(ratio), 1 / study["e1"] + 1 / study["e2"]
    key = "md" if measure == "MD" else "lor"
    return study[key], study[f"{key}_v"]


def columns(layout):
    """Return the columns of a layout: (name, code)."""
    return [tuple(column.rsplit("=", 1)) for column in LAYOUTS[layout][1].split("|")]


def shown(value, code, locale):
    """Return a value as a person of that locale writes it."""
    _, mark, thousands = LOCALES[locale]
    if isinstance(value, tuple):  # as a paper prints it
        *first, low, high = (shown(part, "or", locale) for part in value)
        return f"{first[0]} ({low} to {high})" if first else f"{low}; {high}"
    if isinstance(value, str) or code == "year":
        return str(value)
    if isinstance(value, int):
        return f"{value:,}".replace(",", thousands)
    text = f"{value:.{DECIMALS.get(code, DECIMALS.get(code[:-1], 6))}f}"
    return text.replace(".", mark)


def table(rows, cols, locale) -> bytes:
    """Return a file: header and cells of the columns, in the marks of a locale; rows may lack codes (empty cells)."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=LOCALES[locale][0], lineterminator="\r\n")
    writer.writerow([name for name, _ in cols])
    if any(name == "Comparison Number" for name, _ in cols):
        heads = {"Name": "Death", "Data Type": "DICHOTOMOUS", "Effect Measure": "ODDS_RATIO"}
        heads |= {"Comparison Number": "1", "Outcome Number": "1"}
        writer.writerow([{"Comparison Number": "1", "Name": "Drug versus placebo"}.get(name, "") for name, _ in cols])
        writer.writerow([heads.get(name, "10") for name, _ in cols])
    for study in rows:
        writer.writerow([shown(study.get(code, ""), code, locale) for _, code in cols])
    return out.getvalue().encode("utf-8")
