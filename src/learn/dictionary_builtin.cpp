#include "learn/dictionary.hpp"

/// The dictionaries that travel inside the program; examples/dictionaries/ holds the same bytes as
/// files (a test compares them). Ranges are those of the measuring method or of plausible life,
/// never of the rows.
namespace salus::learn {
namespace {

constexpr std::string_view demo =
    R"(column,kind,low,high,levels,label,unit,level_names,role
patient_code,identifier,,,,Patient code,,,identifier
gender,category,,,,Gender,,Female;Male;Not stated,quasi_identifier
age,integer,0,120,,Age,years,,quasi_identifier
bmi,number,10,80,,Body mass index,kg/m2,,sensitive
systolic,integer,60,260,,Systolic,mmHg,,sensitive
cholesterol,number,1,20,,Cholesterol,mmol/L,,sensitive
hba1c,integer,15,200,,HbA1c,mmol/mol,,sensitive
smoker,category,,,,Smoker,,No;Yes,sensitive
diabetes,category,,,,Diabetes,,No;Yes,label
visit_date,date,,,,Visit,,,quasi_identifier
)";

constexpr std::string_view heart =
    R"(column,kind,low,high,levels,label,unit,level_names,role
age,integer,0,120,,Age,years,,quasi_identifier
sex,category,,,0 1,Sex,,Female;Male,quasi_identifier
cp,category,,,1 2 3 4,Chest pain,,Typical angina;Atypical angina;Non-anginal pain;No pain,sensitive
trestbps,integer,60,260,,Resting blood pressure,mmHg,,sensitive
chol,integer,50,700,,Serum cholesterol,mg/dL,,sensitive
fbs,category,,,0 1,Fasting blood sugar above 120 mg/dL,,No;Yes,sensitive
restecg,category,,,0 1 2,Resting ECG,,Normal;ST-T abnormality;Left ventricular hypertrophy,sensitive
thalach,integer,40,230,,Highest heart rate,/min,,sensitive
exang,category,,,0 1,Angina on exercise,,No;Yes,sensitive
oldpeak,number,-5,10,,ST depression on exercise,mm,,sensitive
slope,category,,,1 2 3,ST slope at peak exercise,,Rising;Flat;Falling,sensitive
ca,integer,0,4,,Major vessels seen by fluoroscopy,,,sensitive
thal,category,,,3 6 7,Thallium scan,,Normal;Fixed defect;Reversible defect,sensitive
num,category,,,0 1 2 3 4,Heart disease,,Absent;Grade 1;Grade 2;Grade 3;Grade 4,label
)";

}  // namespace

std::string_view builtin_dictionary_csv(std::string_view name) noexcept {
    if (name == "demo") {
        return demo;
    }
    return name == "heart" ? heart : std::string_view{};
}

}  // namespace salus::learn
