namespace AgentHosting.Mcp.Tests;

/// <summary>Finds the checkout that the tests were built from.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "AgentHosting.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No AgentHosting.sln above {AppContext.BaseDirectory}: run the tests from a build inside the checkout.");
    }
}
