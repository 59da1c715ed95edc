# Readmission after heart failure: main analysis
library(survival)
library(dplyr)

cohort <- readRDS("/data/prepared/heart/cohort.rds")

# exclude the three people who asked to be removed after the extract
cohort <- cohort |> filter(!patient_id %in% c("P00419", "P07730", "P10021"))

by_ward <- cohort |>
  group_by(ward, quarter) |>
  summarise(n = n(), deaths = sum(died), rate = round(100 * mean(died), 1))
write.csv(by_ward, "tables/readmission_by_ward.csv", row.names = FALSE)

fit <- coxph(Surv(days, readmitted) ~ age10 + male + diabetes + af + egfr_low, data = cohort)
capture.output(summary(fit), file = "models/cox_regression.txt")
saveRDS(fit, "models/risk.rds")
