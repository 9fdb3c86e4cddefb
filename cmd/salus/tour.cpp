#include "command.hpp"
namespace salus::command {
int run_tour(Env&, const Words&) { return exit_no; }
}
