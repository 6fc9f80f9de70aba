import Testing

@testable import Diffusion

@Suite("Configurations of diffusers' U-Net")
struct UNet2DConfigurationTests {
  private func read(_ text: String) throws -> UNet2DConfiguration {
    try UNet2DConfiguration(json: JSON(parsing: text), path: "config.json")
  }

  @Test("A configuration without keys has the library's defaults")
  func defaults() throws {
    let configuration = try read("{}")
    #expect(configuration == UNet2DConfiguration())
    #expect(configuration.blockOutChannels == [224, 448, 672, 896])
    #expect(configuration.downBlocks == [.plain, .attention, .attention, .attention])
    #expect(configuration.upBlocks == [.attention, .attention, .attention, .plain])
    #expect(configuration.attentionHeadDim == 8)
    #expect(configuration.heads(channels: 448) == 56)
    #expect(configuration.timeEmbeddingLength == 896)
    #expect(configuration.midAttentionGroups == 32)
    #expect(configuration.sampleSize == nil)
  }

  @Test("Every key is read, and what is written is read as the same")
  func everyKey() throws {
    let text = """
      {"_class_name": "UNet2DModel", "_name_or_path": "x", "sample_size": [16, 24], "in_channels": 2,
       "out_channels": 2, "center_input_sample": true, "time_embedding_type": "learned",
       "time_embedding_dim": 40, "freq_shift": 1, "flip_sin_to_cos": false,
       "down_block_types": ["UNetResDownBlock2D", "AttnDownBlock2D"], "mid_block_type": null,
       "up_block_types": ["UNetResAttnUpBlock2D", "UpBlock2D"], "block_out_channels": [6, 12],
       "layers_per_block": 3, "mid_block_scale_factor": 1.5, "downsample_padding": 0,
       "downsample_type": "conv", "upsample_type": "conv", "dropout": 0.25, "act_fn": "swish",
       "attention_head_dim": null, "norm_num_groups": 3, "attn_norm_num_groups": 4,
       "norm_eps": 1e-6, "resnet_time_scale_shift": "scale_shift", "add_attention": false,
       "class_embed_type": null, "num_class_embeds": 7, "num_train_timesteps": 100,
       "some_new_key": null, "another": false}
      """
    let read = try read(text)
    var expected = UNet2DConfiguration()
    expected.sampleSize = .init(height: 16, width: 24)
    (expected.inChannels, expected.outChannels, expected.centerInputSample) = (2, 2, true)
    (expected.timeEmbedding, expected.timeEmbeddingDim) = (.learned, 40)
    (expected.freqShift, expected.flipSinToCos) = (1, false)
    (expected.downBlocks, expected.upBlocks) = ([.plain, .attention], [.attention, .plain])
    (expected.hasMidBlock, expected.blockOutChannels, expected.layersPerBlock) = (
      false, [6, 12], 3
    )
    (expected.midBlockScaleFactor, expected.downsamplePadding) = (1.5, 0)
    (expected.dropout, expected.activation, expected.attentionHeadDim) = (0.25, .silu, nil)
    (expected.normNumGroups, expected.attnNormNumGroups, expected.normEps) = (3, 4, 1e-6)
    (expected.timeScaleShift, expected.addAttention) = (.scaleShift, false)
    (expected.numClassEmbeds, expected.numTrainTimesteps) = (7, 100)
    #expect(read == expected)
    #expect(try self.read(read.json.description) == read)
    #expect(try self.read(UNet2DConfiguration().json.description) == UNet2DConfiguration())
    #expect(try self.read(#"{"sample_size": 32}"#).json["sample_size"] == 32)
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    let member: String
    let sentence: String
    var testDescription: String { member }

    init(_ member: String, _ sentence: String) { (self.member, self.sentence) = (member, sentence) }
  }

  @Test(
    "What cannot be computed here is refused by key, what was found and what was expected",
    arguments: [
      Refused(#""_class_name": "UNet2DConditionModel""#, "expected UNet2DModel"),
      Refused(
        #""in_channels": 0"#, "has in_channels = “0”; expected a whole number from 1 to 65536"),
      Refused(#""in_channels": 3.5"#, "has in_channels = “3.5”; expected a whole number"),
      Refused(#""out_channels": 5"#, "has out_channels = “5”; expected 3 as there are in_channels"),
      Refused(#""sample_size": [1, 2, 3]"#, "has sample_size = “[1,2,3]”"),
      Refused(#""sample_size": "big""#, "has sample_size = “\"big\"”"),
      Refused(#""sample_size": 100000"#, "from 1 to 2048"),
      Refused(#""time_embedding_type": "learned""#, "has num_train_timesteps = “nothing”"),
      Refused(#""freq_shift": 112"#, "expected anything but half the first stage's channels"),
      Refused(#""flip_sin_to_cos": 1"#, "has flip_sin_to_cos = “1”; expected true or false"),
      Refused(#""down_block_types": "DownBlock2D""#, "expected a list of DownBlock2D, Attn"),
      Refused(
        #""down_block_types": ["DownBlock2D", "SkipDownBlock2D", "DownBlock2D", "DownBlock2D"]"#,
        "SkipDownBlock2D"),
      Refused(#""up_block_types": [3]"#, "has up_block_types = “[3]”"),
      Refused(#""up_block_types": []"#, "has 0 up_block_types; expected 4 as there are block_out"),
      Refused(#""mid_block_type": "UNetMidBlock2DCrossAttn""#, "expected UNetMidBlock2D"),
      Refused(#""block_out_channels": []"#, "expected 1 to 16 whole numbers from 1 to 65536"),
      Refused(#""block_out_channels": [224, 448, 672, 900]"#, "divisor of the 900 channels"),
      Refused(#""layers_per_block": [2, 2]"#, "has layers_per_block = “[2,2]”"),
      Refused(#""mid_block_scale_factor": 0"#, "has mid_block_scale_factor = “0”"),
      Refused(#""downsample_padding": 2"#, "expected a whole number from 0 to 1"),
      Refused(#""downsample_type": "resnet""#, "has downsample_type = “\"resnet\"”; expected conv"),
      Refused(#""upsample_type": "resnet""#, "has upsample_type"),
      Refused(#""dropout": 1"#, "has dropout = “1”"),
      Refused(#""act_fn": "selu""#, "expected silu, mish, gelu, relu"),
      Refused(
        #""attention_head_dim": 449"#, "has attention_head_dim = 449; expected at most the 448"),
      Refused(#""norm_num_groups": null, "norm_eps": "small""#, "has norm_eps"),
      Refused(#""attn_norm_num_groups": 5"#, "has attn_norm_num_groups = 5; expected a divisor"),
      Refused(#""resnet_time_scale_shift": "spatial""#, "expected default, scale_shift"),
      Refused(#""add_attention": "yes""#, "has add_attention"),
      Refused(#""num_class_embeds": -1"#, "has num_class_embeds = “-1”"),
      Refused(
        #""num_attention_heads": 4"#, "has num_attention_heads = “4”; expected no key of that"),
    ])
  func refuses(_ refused: Refused) throws {
    let error = try #require(fileError { try read("{\(refused.member)}") })
    #expect(error.path == "config.json")
    #expect(error.problem.contains(refused.sentence), "\(error.problem)")
  }

  @Test("functions have any capitals, heads may leave channels over, two channels have one wave")
  func asTheLibrary() throws {
    #expect(try read(#"{"act_fn": "GELU"}"#).activation == .gelu)
    #expect(try read(#"{"act_fn": "Swish"}"#).activation == .silu)
    #expect(try read(#"{"attention_head_dim": 5}"#).heads(channels: 448) == 89)
    let narrow = try read(
      #"{"block_out_channels": [2, 4, 4, 4], "norm_num_groups": 1, "attention_head_dim": 3}"#)
    let network = Network.unet2D(Shape(1, 8, 8, 3), narrow)
    #expect(network.table.parameters.contains { $0.shape == [3, 4] })
  }

  @Test("A configuration that is no object is refused")
  func noObject() throws {
    #expect(
      fileError { try read("[]") }?.problem == "is not a JSON object; expected a configuration")
  }

  @Test("No value of any key stops the program")
  func anyValue() throws {
    let values: [JSON] = [
      .null, true, 0, 1, -1, 3, 65536, 1e300, .integer(.max), .integer(.min), "", "x", [], [1],
      [.integer(.max), 1], [:], ["a": 1],
    ]
    var accepted = 0
    for member in UNet2DConfiguration().json.members ?? [] {
      for value in values {
        do throws(FileError) {
          let configuration = try UNet2DConfiguration(
            json: .object([.init(member.name, value)]), path: "config.json")
          #expect(configuration.leastParameters > 0)
          accepted += 1
        } catch {
          #expect(error.problem.contains(member.name), "\(error.problem)")
        }
      }
    }
    #expect(accepted > 30)
  }
}
