using AgentHosting.ContextWindows.Internal;
using AgentHosting.Failures;
using AgentHosting.Pricing;
using AgentHosting.Transcripts;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentHosting.ContextWindows;

/// <summary>
/// What <c>UseContextWindow</c> does, as a reducer for whatever else takes one: repairs a history and makes it fit a number of tokens. A history that fits is returned as it is.
/// </summary>
public sealed class ContextWindowReducer : IChatReducer
{
    private readonly HistoryFitter _fitter;
    private readonly long _limit;

    /// <summary>Creates a reducer.</summary>
    /// <param name="options">How to cut. <see cref="ContextWindowOptions.MaxInputTokens"/> or <see cref="ContextWindowOptions.ContextWindow"/> has to be set.</param>
    /// <param name="counter">Counts tokens; <see langword="null"/> to estimate them.</param>
    /// <exception cref="OptionsValidationException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">The options limit nothing.</exception>
    public ContextWindowReducer(ContextWindowOptions options, ITokenCounter? counter = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var result = new ContextWindowOptionsValidator().Validate(Options.DefaultName, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(ContextWindowOptions), result.Failures);
        }

        _limit = InputLimit.Of(options, model: null, request: null)
            ?? throw new ArgumentException("Nothing says how many tokens a history may have. Set MaxInputTokens or ContextWindow.", nameof(options));
        _fitter = new HistoryFitter(options, reducer: null, counter ?? TokenEstimator.Instance, static _ => { });
    }

    /// <inheritdoc/>
    /// <exception cref="ContextWindowExceededException">The history does not fit, however much is left out.</exception>
    public async Task<IEnumerable<ChatMessage>> ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = TranscriptRepair.Repair(messages as IReadOnlyList<ChatMessage> ?? [.. messages]);
        var tokens = _fitter.Count(list, request: null);
        if (tokens <= _limit)
        {
            return list;
        }

        var fitted = await _fitter.FitAsync(list, request: null, tokens, _limit, cancellationToken);
        return fitted.Tokens <= _limit ? fitted.Messages : throw new ContextWindowExceededException(
            $"The history does not fit: without all that may be left out of it it has about {fitted.Tokens} tokens, and there is room for {_limit}. Shorten the latest message or its tool results.")
        {
            RequiredTokens = fitted.Tokens,
            AvailableTokens = _limit,
        };
    }
}
