namespace AgentHosting.ToolValidation;

/// <summary>Changes results of tools before the model or a journal gets them. A cached result is filtered for each caller that it answers.</summary>
public interface IToolResultFilter
{
    /// <summary>Filters one result. When it throws, the result is withheld and the model is told that the tool failed.</summary>
    /// <param name="context">The call.</param>
    /// <param name="result">The result: a text, a <see cref="System.Text.Json.JsonElement"/>, content, <see langword="null"/>, or what else the tool returned. A very long one is cut already.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The result to use.</returns>
    ValueTask<object?> FilterAsync(ToolPolicyContext context, object? result, CancellationToken cancellationToken);
}
