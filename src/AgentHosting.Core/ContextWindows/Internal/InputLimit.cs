using AgentHosting.Models;
using Microsoft.Extensions.AI;

namespace AgentHosting.ContextWindows.Internal;

/// <summary>How many input tokens a request may have.</summary>
internal static class InputLimit
{
    /// <returns>The tokens; <see langword="null"/> when nothing limits them. Not above 0 when the answer alone takes the window.</returns>
    public static long? Of(ContextWindowOptions options, ModelOptions? model, ChatOptions? request)
    {
        if ((model?.ContextWindow ?? options.ContextWindow) is not { } window)
        {
            return options.MaxInputTokens;
        }

        // As the catalog sends it: a model that says how long its answers may be holds the call to it, or gives it that.
        var output = (request?.MaxOutputTokens, model?.MaxOutputTokens) switch
        {
            ({ } asked, { } most) => Math.Min(asked, most),
            ({ } asked, null) => asked,
            (null, { } most) => most,
            _ => Math.Min(options.DefaultMaxOutputTokens, window / 4),
        };
        return Math.Min((long)window - output - options.ReserveTokens, options.MaxInputTokens ?? long.MaxValue);
    }
}
