using Microsoft.Extensions.AI;

namespace AgentHosting.Testing.Internal;

internal readonly record struct TurnUpdate(ChatResponseUpdate Update, bool IsLast);
