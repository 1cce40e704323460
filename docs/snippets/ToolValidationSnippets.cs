using AgentHosting;
using AgentHosting.ToolValidation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Snippets;

internal static class ToolValidationSnippets
{
    public static async Task ConsoleAsync(IChatClient provider, AIFunction transfer, CancellationToken cancellationToken)
    {
        #region tools-console
        IChatClient client = new ChatClientBuilder(provider)
            .UseToolValidation(new ToolValidationOptions { Tools = { ["transfer"] = new ToolOptions { Risk = ToolRisk.High } } })
            .UseFunctionInvocation()
            .Build();
        var options = new ChatOptions { Tools = [transfer] };
        var history = new List<ChatMessage> { new(ChatRole.User, "Pay Bob 5 euros.") };
        var response = await client.GetResponseAsync(history, options, cancellationToken);
        history.AddRange(response.Messages);
        foreach (var request in response.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>())
        {
            // Show request.ToolCall to the user, then send the answer with the next request.
            history.Add(new ChatMessage(ChatRole.User, [request.CreateResponse(approved: true)]));
        }

        response = await client.GetResponseAsync(history, options, cancellationToken);
        #endregion
        System.Console.WriteLine(response.Text);
    }

    public static void Host(IServiceCollection services, IChatClient provider, AIFunction search, AIFunction refund)
    {
        #region tools-host
        services.AddAgentHosting()
            .AddModel("mini", _ => provider)
            .AddAgent("support", agent => agent
                .WithTool(search, ToolRisk.Low)
                .WithTool(refund, tool =>
                {
                    tool.Risk = ToolRisk.Medium;
                    tool.Timeout = TimeSpan.FromSeconds(10);
                    tool.MaxCallsPerRun = 1;
                }))
            .AddToolValidation(tools => tools.Rules.Add(new ToolRule
            {
                Tool = "refund",
                Argument = "amount",
                ArgumentAbove = 100,
                Reason = "Refunds above 100 are made by a person.",
            }));
        #endregion
    }

    #region tools-attribute
    [AgentTool(Risk = ToolRisk.Low, TimeoutSeconds = 5, IsIdempotent = true)]
    public static string Weather(string city) => $"Sunny in {city}.";
    #endregion

    public static AIFunction Wrap(AIFunction tool, IServiceProvider services)
    {
        #region tools-wrap
        AIFunction validated = tool.WithValidation(new ToolValidationOptions { UnclassifiedRisk = ToolRisk.High }, services);
        #endregion
        return validated;
    }
}
