package rulebook

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
)

// Bounds of a condition. There are no loops, no functions of our own at run time and no strings that grow, so its cost is bounded by its
// length; maxCost stands behind that.
const (
	maxCondition = 600 // bytes
	maxDepth     = 24
	maxCost      = 500 // CEL's units, one for each step
	maxAnswer    = 64  // bytes of an answer to a fact
)

// A condition is a compiled `when`.
type condition struct {
	text    string
	program cel.Program
	uses    []string    // variables it reads: "printed", "round", "facts.petitioner"…, ascending
	days    []time.Time // that it names, ascending
	spans   []int       // days(n) that it names
	rounds  []int       // that it compares round with
}

// A conditionError is what is wrong in a condition, and where: Column counts from 1 in its text.
type conditionError struct {
	column     int
	said, next string
}

func (e *conditionError) Error() string { return e.said }

var undeclared = regexp.MustCompile(`undeclared reference to '([^']*)'`)

// compile reads a condition. Its error is a conditionError.
func compile(e *cel.Env, when string, facts []Fact) (*condition, error) {
	if len(when) > maxCondition {
		return nil, &conditionError{1, fmt.Sprintf("the condition has %d bytes", len(when)), fmt.Sprintf("At most %d; make two rules of it.", maxCondition)}
	}
	checked, issues := e.Compile(when)
	if issues != nil && issues.Err() != nil {
		return nil, wrongCondition(when, issues, facts)
	}
	if checked.OutputType() != cel.BoolType {
		return nil, &conditionError{1, "the condition says neither true nor false, but " + checked.OutputType().String(), "Compare it with something, like round == 16."}
	}
	if cost, err := e.EstimateCost(checked, noSizes{}); err != nil || cost.Max > maxCost {
		return nil, &conditionError{1, "the condition is too much work", "Make two rules of it."}
	}
	program, err := e.Program(checked, cel.EvalOptions(cel.OptOptimize, cel.OptPartialEval), cel.CostLimit(maxCost))
	if err != nil {
		return nil, &conditionError{1, "the condition cannot be worked out: " + err.Error(), "Write it more simply."}
	}
	c := &condition{text: when, program: program}
	if err := c.look(checked.NativeRep()); err != nil {
		return nil, err
	}
	return c, nil
}

// fact finds facts in a condition.
var fact = regexp.MustCompile(`\bfacts\.\w+`)

func wrongCondition(when string, issues *cel.Issues, facts []Fact) error {
	first := issues.Errors()[0]
	said, _, _ := strings.Cut(first.Message, " expecting {")
	out := &conditionError{column: first.Location.Column() + 1, said: "the condition is not understood: " + said, next: "docs/rulebook.md shows what conditions may say."}
	if strings.Contains(said, "recursion limit") {
		out.column, out.said, out.next = 1, fmt.Sprintf("the condition is nested deeper than %d", maxDepth), "Take parentheses away, or make two rules of it."
	}
	m := undeclared.FindStringSubmatch(said)
	if m == nil {
		return out
	}
	known := []string{"paper", "country", "round", "printed", "on", "known", "day", "solar", "days"}
	for _, f := range facts {
		known = append(known, "facts."+f.variable())
	}
	name := m[1]
	for _, whole := range fact.FindAllString(when, -1) { // CEL only says that there is no "facts"
		if name == "facts" && !slices.Contains(known, whole) {
			name = whole
		}
	}
	out.said = fmt.Sprintf("the condition names `%.60s`, which is nothing", name)
	if out.next = meant(name, known); out.next == "" {
		out.next = "These are known: " + strings.Join(known, ", ") + ". New facts are declared under `facts`."
	}
	return out
}

// noSizes: strings and lists of a condition are written out in it, and those of a Question are short.
type noSizes struct{}

// EstimateSize gives strings and lists of a Question their bound.
func (noSizes) EstimateSize(checker.AstNode) *checker.SizeEstimate {
	return &checker.SizeEstimate{Max: maxAnswer}
}

// EstimateCallCost leaves the costs of CEL as they are.
func (noSizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

// look finds what a condition reads, and the days and rounds that it names: at these its answer may turn. Rounds are names and no
// measure: they may only be compared by ==, != and in, so that every round that no rule names gets one and the same answer.
func (c *condition) look(tree *ast.AST) (err error) {
	compared := map[int64]bool{} // uses of round that are accounted for
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if r := tree.ReferenceMap()[e.ID()]; r != nil && r.Name != "" && len(r.OverloadIDs) == 0 {
			c.uses = append(c.uses, r.Name)
			if r.Name == "round" && !compared[e.ID()] {
				at := tree.SourceInfo().GetStartLocation(e.ID())
				err = &conditionError{at.Column() + 1, "rounds are names: one is not more than another", "Write round == 16, or round in [15, 16, 17]."}
			}
		}
		if e.Kind() != ast.CallKind {
			return
		}
		switch call := e.AsCall(); call.FunctionName() {
		case operators.Equals, operators.NotEquals, operators.In:
			c.named(call.Args(), compared)
		case overloads.TypeConvertTimestamp, overloads.TypeConvertDuration:
			c.moment(call)
		}
	}))
	slices.Sort(c.uses)
	c.uses = slices.Compact(c.uses)
	slices.SortFunc(c.days, time.Time.Compare)
	slices.Sort(c.spans)
	return err
}

// named notes the rounds that round is compared with, when they are written out.
func (c *condition) named(args []ast.Expr, compared map[int64]bool) {
	for i, a := range args {
		if a.Kind() != ast.IdentKind || a.AsIdent() != "round" {
			continue
		}
		others := args[1-i : 2-i]
		if others[0].Kind() == ast.ListKind {
			others = others[0].AsList().Elements()
		}
		for _, o := range others {
			n, ok := literal(o).(types.Int)
			if !ok {
				return
			}
			c.rounds = append(c.rounds, int(n))
		}
		compared[a.ID()] = true
	}
}

// moment notes a day(…) or days(…), as its macro left it.
func (c *condition) moment(call ast.CallExpr) {
	s, _ := literal(call.Args()[0]).(types.String)
	if call.FunctionName() == overloads.TypeConvertTimestamp {
		if d, err := time.Parse(time.RFC3339, string(s)); err == nil {
			c.days = append(c.days, d)
		}
	} else if d, err := time.ParseDuration(string(s)); err == nil {
		c.spans = append(c.spans, int(math.Round(d.Hours()/24)))
	}
}

// truth is what a condition comes to when some of what it reads may be missing.
type truth int

const (
	no truth = iota
	yes
	missing // it hangs on something that is not known
	broken  // it cannot be worked out
)

// ask works a condition out. In missing, needs are the variables that it hangs on; in broken, the error says why.
func (c *condition) ask(given map[string]any, absent []*cel.AttributePatternType) (t truth, needs []string, err error) {
	var in any = given
	if len(absent) > 0 {
		if in, err = cel.PartialVars(given, absent...); err != nil {
			return broken, nil, err
		}
	}
	out, _, err := c.program.Eval(in)
	if u, ok := out.(*types.Unknown); ok {
		for _, i := range u.IDs() {
			trails, _ := u.GetAttributeTrails(i)
			for _, a := range trails {
				if !slices.Contains(needs, a.Variable()) {
					needs = append(needs, a.Variable())
				}
			}
		}
		slices.Sort(needs)
		return missing, needs, nil
	}
	switch {
	case err != nil:
		return broken, nil, err
	case out == types.True:
		return yes, nil, nil
	case out == types.False:
		return no, nil, nil
	}
	return broken, nil, fmt.Errorf("it came to %v", out.Type())
}
