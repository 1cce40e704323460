using Json.Schema;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>
/// Bounds what one check of arguments may take. A schema may come from a stranger's server, and arguments come from a model: references in a circle would
/// end the process, those that double at each level and patterns that backtrack would hold it up.
/// </summary>
internal static class BoundedSchema
{
    private const int MaxSteps = 100_000;
    private const int MaxDepth = 200;
    private static readonly Dialect[] _dialects = [.. new[] { Dialect.Draft06, Dialect.Draft07, Dialect.Draft201909, Dialect.Draft202012, Dialect.V1 }.Select(Bound)];
    private static readonly Dialect _default = Bound(Dialect.Default);

    // A check runs on one thread from its beginning to its end.
    [ThreadStatic]
    private static int _steps;

    [ThreadStatic]
    private static int _depth;

    [ThreadStatic]
    private static TimeSpan _matching;

    public static TimeSpan MaxMatching { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>With a registry of its own: two tools may give their schemas the same $id. It fetches nothing from the network.</summary>
    public static BuildOptions Options()
    {
        var dialects = new DialectRegistry();
        foreach (var dialect in _dialects)
        {
            dialects.Register(dialect);
        }

        return new BuildOptions { SchemaRegistry = new SchemaRegistry(), DialectRegistry = dialects, Dialect = _default };
    }

    public static void Begin()
    {
        _steps = 0;
        _depth = 0;
        _matching = TimeSpan.Zero;
    }

    /// <exception cref="SchemaStepsException">Too many references were followed.</exception>
    /// <exception cref="InsufficientExecutionStackException">References lead into each other without end.</exception>
    public static KeywordEvaluation Follow(Func<KeywordData, EvaluationContext, KeywordEvaluation> evaluate, KeywordData keyword, EvaluationContext context)
    {
        if (++_steps > MaxSteps)
        {
            throw new SchemaStepsException();
        }

        if (_depth >= MaxDepth)
        {
            throw new InsufficientExecutionStackException("The schema's references lead into each other without end.");
        }

        _depth++;
        try
        {
            return evaluate(keyword, context);
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>Adds what was spent on matching.</summary>
    /// <exception cref="System.Text.RegularExpressions.RegexMatchTimeoutException">All of a check together took too long.</exception>
    public static void Matched(TimeSpan time)
    {
        _matching += time;
        if (_matching > MaxMatching)
        {
            throw new System.Text.RegularExpressions.RegexMatchTimeoutException();
        }
    }

    private static Dialect Bound(Dialect dialect) => dialect.With(
        dialect == Dialect.Draft201909
            ? [new BoundedRef(), new BoundedRecursiveRef(), new BoundedPattern(), new BoundedPatternProperties()]
            : dialect == Dialect.Draft06 || dialect == Dialect.Draft07
                ? [new BoundedRef(), new BoundedPattern(), new BoundedPatternProperties()]
                : [new BoundedRef(), new BoundedDynamicRef(), new BoundedPattern(), new BoundedPatternProperties()],
        dialect.Id,
        dialect.RefIgnoresSiblingKeywords,
        dialect.AllowUnknownKeywords);
}
