using System.Text.Json.Nodes;

namespace AgentHosting.Load;

/// <summary>Writes results, one JSON object a line.</summary>
internal sealed class ResultWriter(TextWriter output)
{
    public void Write(JsonObject result)
    {
        lock (output)
        {
            output.WriteLine(result.ToJsonString());
            output.Flush();
        }
    }
}
