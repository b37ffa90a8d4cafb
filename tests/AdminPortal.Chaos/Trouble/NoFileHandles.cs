using System.Net.Sockets;
using AdminPortal.Chaos.Driving;

namespace AdminPortal.Chaos.Trouble;

/// <summary>A portal that may hold few handles (ulimit -n), all of which are taken by connections of others who say nothing. On Linux.</summary>
public sealed class NoFileHandles : IScarcity
{
    // At rest it has some 370 open, most of them the assemblies that it is made of.
    private const int Limit = 480;

    // One or two come and go.
    private const int Spare = 2;

    private readonly List<Socket> _others = [];

    public string Name => "handles";

    public string Sentence => "The database cannot be opened";

    public Task<PortalUnderTest> StartAsync() => PortalUnderTest.StartAsync(handles: Limit);

    public async Task BeginAsync(PortalUnderTest portal)
    {
        try
        {
            // Connections beyond the limit wait in the system's queue; whatever handle becomes free is taken by one of them.
            for (var more = Limit - Held(portal) + 20; more > 0; more--)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _others.Add(socket);
                await socket.ConnectAsync(portal.Main.Address.Host, portal.Main.Address.Port);
            }

            var until = DateTime.UtcNow.AddSeconds(30);
            while (Held(portal) < Limit - Spare)
            {
                if (DateTime.UtcNow > until) throw new TimeoutException($"The portal holds {Held(portal)} of {Limit} handles.");
                await Task.Delay(100);
            }
        }
        catch (Exception gone) when (gone is SocketException or DirectoryNotFoundException && !portal.IsUp)
        {
            // The runtime has given up before the last one was taken.
        }
    }

    public async Task EndAsync()
    {
        foreach (var socket in _others) socket.Dispose();
        await Task.Delay(500);
    }

    private static int Held(PortalUnderTest portal) => Directory.GetFiles($"/proc/{portal.Main.Id}/fd").Length;
}
