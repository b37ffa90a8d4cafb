using AdminPortal.Commands;

namespace AdminPortal.Components.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--against", "C:\\anchors")]
    [InlineData("--against=C:\\anchors")]
    public void Read_Against_TakesItsValue(params string[] words)
    {
        var line = CommandLine.Read(["doctor", "--offline", .. words, "--Portal:DataDirectory=/data"]).ShouldNotBeNull();

        line.Name.ShouldBe("doctor");
        line.Operands.ShouldBeEmpty();
        line.Switches.ShouldBe(["--offline", "--against=C:\\anchors"]);
        line.Settings.ShouldBe(["--Portal:DataDirectory=/data"]);
    }
}
