#include "models/model.hpp"

#include <libsvm/svm.h>

#include <memory>

namespace salus::models {
namespace {

struct FreeModel {
    void operator()(svm_model* model) const noexcept { svm_free_and_destroy_model(&model); }
};

/// A row as the library reads it, ended by index −1.
std::vector<svm_node> nodes_of(std::span<const double> row) {
    std::vector<svm_node> out;
    out.reserve(row.size() + 1);
    for (std::size_t c = 0; c < row.size(); ++c) out.push_back({static_cast<int>(c) + 1, row[c]});
    out.push_back({-1, 0});
    return out;
}

}  // namespace

Result<std::vector<double>> score_vector_machine(const TrainingSet& set,
                                                 const learn::RowsView& asked) {
    std::vector<std::vector<svm_node>> rows;
    std::vector<svm_node*> starts;
    std::vector<double> labels;
    for (std::size_t r = 0; r < set.rows.rows(); ++r) {
        rows.push_back(nodes_of(set.rows.row(r)));
        labels.push_back(set.labels[r] != 0 ? 1 : -1);
    }
    for (auto& row : rows) starts.push_back(row.data());
    const svm_problem problem{static_cast<int>(labels.size()), labels.data(), starts.data()};
    svm_parameter settings{};
    settings.svm_type = C_SVC;
    settings.kernel_type = RBF;
    settings.gamma = 0.25 / static_cast<double>(set.rows.columns);
    settings.C = 0.7;
    settings.cache_size = 64;
    settings.eps = 1e-3;
    settings.shrinking = 1;
    if (svm_check_parameter(&problem, &settings) != nullptr) {
        return Error{Errc::malformed, "the support vector machine could not be fitted"};
    }
    svm_set_print_string_function([](const char*) {});
    const std::unique_ptr<svm_model, FreeModel> model(svm_train(&problem, &settings));
    // The sign of a decision value depends on which label came first.
    const double sign = model->label[0] == 1 ? 1 : -1;
    std::vector<double> out;
    for (std::size_t r = 0; r < asked.rows(); ++r) {
        double value = 0;
        svm_predict_values(model.get(), nodes_of(asked.row(r)).data(), &value);
        out.push_back(sign * value);
    }
    return out;
}

}  // namespace salus::models
