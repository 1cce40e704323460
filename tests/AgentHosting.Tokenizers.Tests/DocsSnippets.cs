using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.Tokenizers.Tests;

internal static class DocsSnippets
{
    public static void Host(IServiceCollection services, IChatClient provider)
    {
        #region add-tokenizer
        services.AddAgentHosting()
            .AddModel("mini", _ => provider)
            .AddTokenizer(options => options.Encodings["my-azure-deployment"] = TokenEncoding.O200kBase);
        #endregion
    }
}
