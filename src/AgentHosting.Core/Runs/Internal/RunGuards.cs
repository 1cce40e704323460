using System.Text.Json;
using AgentHosting.Guardrails;
using AgentHosting.Guardrails.Internal;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Runs.Internal;

/// <summary>
/// The guards of the host's runs, where <c>AddInputGuard</c> and <c>AddOutputGuard</c> registered them: messages are checked before a run is stored, results of tools and
/// arguments that are shown are filtered. Answers are filtered by the pipeline.
/// </summary>
internal sealed class RunGuards : IToolResultFilter
{
    private readonly InputGuard? _input;
    private readonly OutputGuardFilter? _output;

    public RunGuards(IServiceProvider services)
    {
        _input = StageRegistration.CreateUnnamed<InputGuardOptions>(services) is { } input ? new InputGuard(input, new StageServices(services)) : null;
        _output = StageRegistration.CreateUnnamed<OutputGuardOptions>(services) is { } output ? new OutputGuardFilter(output, services.GetService<TokenVault>()) : null;
    }

    /// <summary>Checks the message of a submission.</summary>
    /// <returns>The message to store.</returns>
    /// <exception cref="AgentRunRequestException">The guard refuses it.</exception>
    public async ValueTask<string> InspectAsync(AgentRunRequest request, string agent, CancellationToken cancellationToken)
    {
        if (_input is null)
        {
            return request.Message;
        }

        var context = new AgentCallContext { TenantId = request.Identity.TenantId, UserId = request.Identity.UserId, SessionId = request.SessionId, Agent = agent };
        try
        {
            var findings = await _input.InspectAsync([new ChatMessage(ChatRole.User, request.Message)], context, cancellationToken);
            return findings.Messages[0].Text is { } text && !string.IsNullOrWhiteSpace(text) ? text : throw Refused("Say something: the message holds nothing that can be seen.", null);
        }
        catch (InputRejectedException exception)
        {
            throw Refused(exception.Message, exception);
        }
    }

    public ValueTask<object?> FilterAsync(ToolPolicyContext context, object? result, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_output is null ? result : Filtered(result, context.Call));

    /// <summary>Arguments as watchers see them. The tool gets those that the model gave.</summary>
    public JsonElement? Shown(JsonElement? arguments, AgentCallContext context) =>
        _output is null || arguments is not { } given ? arguments : (JsonElement)_output.FilterValue(given, context)!;

    /// <summary>Text of code as watchers see it.</summary>
    public string Shown(string text, AgentCallContext context) => _output is null ? text : (string)_output.FilterValue(text, context)!;

    private object? Filtered(object? result, AgentCallContext? context) => result switch
    {
        TextContent text when _output!.FilterValue(text.Text, context) is string shown => ReferenceEquals(shown, text.Text) ? text : new TextContent(shown),
        IEnumerable<AIContent> contents => contents.Select(content => (AIContent)Filtered(content, context)!).ToList(),
        _ => _output!.FilterValue(result, context),
    };

    private static AgentRunRequestException Refused(string reason, Exception? cause) =>
        new($"The run request is not valid: message: {reason}", cause) { Errors = new Dictionary<string, string[]> { ["message"] = [reason] } };
}
