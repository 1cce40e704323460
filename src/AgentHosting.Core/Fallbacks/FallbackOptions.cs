using System.ComponentModel.DataAnnotations;
using AgentHosting.Failures;
using AgentHosting.Fallbacks.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.Fallbacks;

/// <summary>Which models answer when the one that was asked for does not. Configuration section <c>AgentHosting:Fallback[:NAME]</c>, which wins over code.</summary>
public class FallbackOptions
{
    /// <summary>The models to try after the one that was asked for, in order: names of the model catalog, or else of the provider.</summary>
    /// <value>Empty by default.</value>
    public IList<string> Models { get; } = [];

    /// <summary>Clients to try after <see cref="Models"/>, in order, each with its own default model. For use without a catalog. They stay the caller's to dispose.</summary>
    /// <remarks>
    /// A client brings its own retry, circuit breaker and time limits: the stages below the fallback see no call of it. <c>UseProductionDefaults</c> puts its own
    /// around each client that has no stage yet.
    /// </remarks>
    /// <value>Empty by default.</value>
    public IList<IChatClient> Clients { get; } = [];

    /// <summary>How many models one call may try, the first included.</summary>
    /// <value>The default is 6.</value>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = FallbackDefaults.MaxAttempts;

    /// <summary>Whether a request that one model's content filter refused is sent to the next one.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool FallBackOnContentFilter { get; set; } = true;

    /// <summary>
    /// Whether a call whose history the provider keeps (it has a <see cref="ChatOptions.ConversationId"/> or a continuation token) may go to another model,
    /// which then sees only the messages of the call and answers as if nothing had been said before.
    /// </summary>
    /// <value>The default is <see langword="false"/>: such a call is neither hedged nor sent elsewhere.</value>
    public bool FallBackWithoutHistory { get; set; }

    /// <summary>
    /// How long a model may take to its first content before the next one is started beside it. The first to have content answers, the other is cancelled and
    /// has to be paid for as far as it got. Calls that offer tools which the provider runs are never hedged.
    /// </summary>
    /// <value>The default is <see langword="null"/>: never.</value>
    public TimeSpan? HedgeAfter { get; set; }

    /// <summary>How many models one call may start beside another.</summary>
    /// <value>The default is 1.</value>
    [Range(1, 10)]
    public int MaxHedges { get; set; } = FallbackDefaults.MaxHedges;

    /// <summary>What the caller reads when providers fail and no model is left. Marked as degraded (<see cref="DegradedResponse"/>), with no usage.</summary>
    /// <value>The default is <see langword="null"/>: the call fails.</value>
    public string? LastResortMessage { get; set; }

    /// <summary>
    /// Which failures send a request to the next model. The caller's cancellation never does and is not asked about. When it throws, no other model is started:
    /// the caller gets the error of the model, and the log what was thrown.
    /// </summary>
    /// <value>The default is all but <see cref="ChatFailureKind.BadRequest"/>, which fails the same way everywhere.</value>
    public Func<ChatFailure, bool>? ShouldHandle { get; set; }

    /// <summary>
    /// Called before the next model is tried. When it throws, that one is not tried: the caller gets the error of the model, and the log what was thrown.
    /// </summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Func<FallbackArguments, CancellationToken, ValueTask>? OnFallback { get; set; }
}
